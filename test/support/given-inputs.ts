import fc from 'fast-check';
import { type GraphQLSchema } from 'graphql';
import { type FeatureSpec, featureSpecSchema } from '../../src/learning/features/feature-spec';

const [NUMBERS, TEXTS, EVENT_NUMBERS, EVENT_TEXTS] = [
  ['tenureDays', 'frequency', 'income', 'debtToIncome', 'accountAgeMonths', 'inquiries'],
  ['device', 'source', 'loyaltyTier', 'category', 'format', 'advertiser', 'employment', 'ageBand'],
  ['price', 'dwellSeconds', 'balance', 'utilization', 'paymentRatio', 'daysLate'],
  ['kind', 'category', 'brand', 'format', 'clicked'],
];

/** The queries of many inputs of each domain. */
export const ASKED = [
  { field: 'purchaseIntents', input: 'PurchaseIntentInput', subject: 'userId', group: null },
  { field: 'adClicks', input: 'AdClickInput', subject: 'userId', group: 'ad' },
  { field: 'creditRisks', input: 'CreditRiskInput', subject: 'accountId', group: 'applicant' },
] as const;

const usualNumber = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -3e38, max: 3e38 }),
);
const usualText = fc.oneof(
  fc.constantFrom(
    'view',
    'cart',
    'garden',
    'TRUE',
    'False',
    'fjell',
    '',
    'mobile',
    'Ä ß',
    '日本',
    'a"b\\c\n',
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\u0000', '')),
);
const isoMoment = fc
  .integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2025, 2, 20) })
  .map((ms) => new Date(ms).toISOString());
const usualMoment = fc.oneof(
  isoMoment,
  isoMoment.map((text) => `${text.slice(0, 19)}Z`),
  isoMoment.map((text) => `${text.slice(0, 19)}+02:00`),
);
/** Of a prediction, after all events that are as usual. */
const laterMoment = fc
  .integer({ min: Date.UTC(2025, 2, 21), max: Date.UTC(2025, 2, 23) })
  .map((ms) => new Date(ms).toISOString());
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    1e39,
    -1e39,
    5e-324,
    -0,
    true,
    'x'.repeat(1_025),
    'a\u0000b',
    '\ud800',
    {},
    [],
    [1],
  ),
  fc.constantFrom(
    '1899-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '2300-01-01T00:00:00Z',
    '2025-02-30T00:00:00Z',
  ),
  fc.constantFrom(
    '2025-03-01',
    '2016-12-31T23:59:60Z',
    '2025-03-21t19:40:00z',
    '2025-03-01T00:00:00.123456Z',
  ),
  usualNumber,
  usualText,
);

/** Mostly as it should be. @param spoilt of a hundred, how many are hostile */
function values(names: readonly string[], spoilt: number): fc.Arbitrary<Record<string, unknown>> {
  const valueOf = (name: string): fc.Arbitrary<unknown> => {
    const usual: fc.Arbitrary<unknown> =
      name === 'clicked'
        ? fc.boolean()
        : name === 'at'
          ? laterMoment
          : NUMBERS.includes(name) || EVENT_NUMBERS.includes(name)
            ? usualNumber
            : usualText;
    return fc.oneof(
      { weight: 100 - spoilt, arbitrary: fc.option(usual, { freq: 10 }) },
      ...(spoilt > 0 ? [{ weight: spoilt, arbitrary: hostile }] : []),
    );
  };
  return fc.record(Object.fromEntries(names.map((name) => [name, valueOf(name)])), { requiredKeys: [] });
}

/** Inputs of a type, from the schema's own fields. */
export function inputsOf(
  schema: GraphQLSchema,
  { input, subject, group }: (typeof ASKED)[number],
  spoilt: number,
) {
  const fieldsOf = (name: string): string[] =>
    Object.keys((schema.getType(name) as unknown as { getFields(): object }).getFields());
  const eventType = { purchaseIntent: 'ShopEventInput', adClick: 'MemberEventInput' };
  const events =
    input === 'PurchaseIntentInput'
      ? eventType.purchaseIntent
      : input === 'AdClickInput'
        ? eventType.adClick
        : 'AccountEventInput';
  const groupType = input === 'AdClickInput' ? 'AdInput' : 'ApplicantInput';
  const own = fieldsOf(input).filter((name) => !['history', 'features', subject, group].includes(name));
  const event = fc
    .tuple(
      values(
        fieldsOf(events).filter((name) => !['at', 'values'].includes(name)),
        spoilt,
      ),
      usualMoment,
    )
    .map(([fields, at]) => ({ at, ...fields }));
  const spoiltEvent = values([...fieldsOf(events), 'stranger'], spoilt);
  const history = fc.array(spoilt > 0 ? fc.oneof(event, spoiltEvent) : event, { maxLength: 9 });
  const extra =
    spoilt > 0 ? [fc.constantFrom<unknown>([], null, [{ name: 'device', text: 'x' }])] : [fc.constant([])];
  return fc.array(
    fc
      .tuple(
        values(own, spoilt),
        fc.record({ history, features: fc.oneof(...extra) }, { requiredKeys: spoilt > 0 ? [] : ['history'] }),
        fc.record({ [subject]: fc.oneof(usualText, fc.constant(null)) }, { requiredKeys: [] }),
        group
          ? fc.record({ [group]: values(fieldsOf(groupType), spoilt) }, { requiredKeys: [] })
          : fc.constant({}),
      )
      .map(([fields, rest, who, parts]) => ({ ...fields, ...rest, ...who, ...parts })),
    { maxLength: 6 },
  );
}

/** JSON of a value with blanks and escapes that mean nothing, and names in any order. */
export function written(value: unknown, random: () => number): string {
  const blank = (): string => (random() < 0.05 ? ' \n\t'.charAt(Math.floor(random() * 3)) : '');
  if (Array.isArray(value)) {
    const items = value.map((item) => blank() + written(item, random) + blank());
    return `[${blank()}${items.join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (random() < 0.2) entries.reverse();
    return `{${entries.map(([key, own]) => `${blank()}${JSON.stringify(key)}${blank()}:${blank()}${written(own, random)}`).join(',')}${blank()}}`;
  }
  const text = Object.is(value, -0) ? '-0' : JSON.stringify(value);
  if (typeof value === 'number' && random() < 0.1)
    return `${text.replace(/e.*$/, '')}${/e/.test(text) ? text.replace(/^.*e/, 'E') : 'e0'}`;
  return typeof value === 'string' && random() < 0.1
    ? text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    : text;
}

export const specs = (isHostile: boolean): fc.Arbitrary<FeatureSpec> => {
  const feature = (name: string) => {
    const usual = NUMBERS.includes(name) || EVENT_NUMBERS.includes(name) ? 'numeric' : 'categorical';
    const types = isHostile ? ['numeric', 'categorical', 'text', 'multi', 'timestamp'] : [];
    return fc.constantFrom(usual, usual, usual, ...types).map((type) => ({ type, name }));
  };
  const chosen = (names: readonly string[]) =>
    fc.subarray([...new Set(names)], { minLength: 1 }).chain((some) => fc.tuple(...some.map(feature)));
  const computed = fc.subarray([
    { type: 'cyclic', name: isHostile ? 'device' : 'hour', part: 'hourOfDay' },
    { type: 'cyclic', name: 'weekday', part: 'dayOfWeek' },
    { type: 'vector', name: 'vectored', dimension: 3 },
    { type: 'text', name: 'title', maxTokens: 4 },
    ...(isHostile ? [{ type: 'derived', name: 'past', derive: { function: 'count', days: 7 } }] : []),
  ]);
  return fc
    .record({
      shape: isHostile ? fc.constantFrom('EVENTS', 'TABLE') : fc.constant('EVENTS'),
      features: fc.tuple(chosen([...NUMBERS, ...TEXTS]), computed).map((parts) => parts.flat()),
      maxLength: fc.integer({ min: 1, max: 6 }),
      fields: chosen([...EVENT_NUMBERS, ...EVENT_TEXTS]),
      hasSequence: isHostile ? fc.boolean() : fc.constant(true),
    })
    .map(({ shape, features, maxLength, fields, hasSequence }) => {
      const isTable = shape === 'TABLE';
      const own = isTable
        ? fields.map((field) => ({
            ...field,
            columns: Array.from({ length: maxLength }, (_, step) => `${field.name}${step}`),
          }))
        : [...fields, { type: 'elapsed', name: 'ago' }];
      const parsed = featureSpecSchema.safeParse({
        shape,
        ...(isTable
          ? { label: { column: 'label' } }
          : {
              subjectColumn: 'user',
              kindColumn: 'kind',
              momentKinds: ['view'],
              label: { event: 'purchase', withinMinutes: 30 },
            }),
        timeColumn: 'at',
        features,
        ...(hasSequence ? { sequence: { maxLength, fields: own } } : {}),
      });
      return parsed.success ? parsed.data : null;
    })
    .filter((spec) => spec !== null);
};
