import { z } from 'zod';

/** From the mildest to the most severe. */
export const CREDIT_DECISIONS = ['APPROVE', 'REVIEW', 'DECLINE'] as const;
export type CreditDecision = (typeof CREDIT_DECISIONS)[number];

const MAX_AMOUNT = 1e12;
const probability = z.number().min(0).max(1);
const amount = z.number().positive().max(MAX_AMOUNT);
const name = z.string().trim().min(1).max(40);

const bandSchema = z.strictObject({
  name,
  /** Probabilities of default from here on … */
  from: probability,
  /** … to below here; the last band's 1 is in it. */
  below: probability,
  decision: z.enum(CREDIT_DECISIONS),
  /** The most credit, in the account's currency; null: as much as `incomeShare` says. */
  maximumLimit: amount.nullable().default(null),
  /** The most credit as a share of the yearly income; null: as much as `maximumLimit` says. */
  incomeShare: z.number().positive().max(100).nullable().default(null),
});
export type RiskBand = z.output<typeof bandSchema>;

const reasonSchema = z.strictObject({
  /** A feature's or a field's name in the specification. */
  feature: z.string().min(1).max(200),
  code: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9_-]{0,19}$/, 'up to 20 capital letters, digits, hyphens and underscores'),
  text: z.string().trim().min(1).max(300),
});
export type ReasonText = z.output<typeof reasonSchema>;

export const riskPolicySchema = z
  .strictObject({
    score: z
      .strictObject({
        base: z.number().min(-10_000).max(10_000).default(600),
        odds: z.number().positive().max(1e6).default(30),
        pointsToDouble: z.number().positive().max(1_000).default(20),
      })
      .prefault({}),
    bands: z.array(bandSchema).min(1).max(30),
    lossGivenDefault: probability.default(0.75),
    exposure: z
      .strictObject({
        /** A feature of the specification that holds what would be owed. */
        feature: z.string().min(1).max(200).nullable().default(null),
        /** How much of the unused credit is drawn before a default. */
        conversionFactor: probability.default(0.5),
        /** What would be owed where nothing else is known. */
        standard: amount.default(3_000),
      })
      .prefault({}),
    reasons: z
      .strictObject({
        most: z.number().int().min(1).max(10).default(4),
        texts: z.array(reasonSchema).max(200).default([]),
      })
      .prefault({}),
  })
  .superRefine(({ bands, reasons }, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    bands.forEach((band, i) => checkBand(band, bands[i - 1], (key, text) => issue(['bands', i, key], text)));
    const last = bands.length - 1;
    if (bands[last]?.below !== 1)
      issue(['bands', last, 'below'], 'must be 1: every probability is in a band');
    sameTwice(bands.map((band) => band.name)).forEach((i) =>
      issue(['bands', i, 'name'], 'another band has this name'),
    );
    sameTwice(reasons.texts.map(({ feature }) => feature)).forEach((i) =>
      issue(['reasons', 'texts', i, 'feature'], 'has a text already'),
    );
  });
export type RiskPolicy = z.output<typeof riskPolicySchema>;

/** What is wrong with a band, seen by itself and after the one before. */
function checkBand(
  band: RiskBand,
  previous: RiskBand | undefined,
  issue: (key: keyof RiskBand, message: string) => void,
): void {
  if (band.below <= band.from) issue('below', `must be greater than from, ${band.from}`);
  if (band.decision === 'DECLINE') {
    for (const key of ['maximumLimit', 'incomeShare'] as const)
      if (band[key] !== null) issue(key, 'who is declined gets no credit: leave it out');
  }
  if (!previous) {
    if (band.from !== 0) issue('from', 'must be 0: every probability is in a band');
    return;
  }
  if (band.from < previous.below)
    issue('from', `overlaps the band ${previous.name}, which ends at ${previous.below}`);
  if (band.from > previous.below)
    issue('from', `leaves a gap behind the band ${previous.name}, which ends at ${previous.below}`);
  if (CREDIT_DECISIONS.indexOf(band.decision) < CREDIT_DECISIONS.indexOf(previous.decision))
    issue(
      'decision',
      `is milder than ${previous.decision} of the band ${previous.name}, whose risk is lower`,
    );
  if (band.decision === 'DECLINE') return;
  for (const key of ['maximumLimit', 'incomeShare'] as const)
    if ((band[key] ?? Infinity) > (previous[key] ?? Infinity))
      issue(key, `is more than that of the band ${previous.name}, whose risk is lower`);
}

/** Places of what is there before. */
function sameTwice(values: readonly string[]): number[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [i] : []));
}

/** The band that a probability of default is in. */
export function bandOf(bands: readonly RiskBand[], probability: number): RiskBand {
  const band = bands.find(({ below }) => probability < below) ?? bands.at(-1);
  if (!band) throw new Error('a policy has at least one band');
  return band;
}
