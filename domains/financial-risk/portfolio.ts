import { bandOf, type RiskBand, type RiskPolicy } from './policy-schema';

/** How times might be worse. */
export interface StressScenario {
  readonly name: string;
  /** Every account's odds of a default are multiplied by it: the same shift of each logit. */
  readonly oddsMultiplier: number;
  /** What a default loses is multiplied by it, up to everything. */
  readonly lossGivenDefaultMultiplier: number;
  /** At least this share of the most credit of each account's band is drawn, 0 to 1; null: what is owed stays as it is. */
  readonly limitUtilization: number | null;
}

export const USUAL_SCENARIOS: readonly StressScenario[] = [
  { name: 'downturn', oddsMultiplier: 1.5, lossGivenDefaultMultiplier: 1.1, limitUtilization: null },
  { name: 'severe', oddsMultiplier: 2.5, lossGivenDefaultMultiplier: 1.25, limitUtilization: 0.9 },
];

/** Sums over accounts. */
export interface PortfolioTotals {
  readonly accounts: number;
  readonly exposure: number;
  /** Σ PD × LGD × EAD. */
  readonly expectedLoss: number;
  /** Null of no accounts. */
  readonly meanProbability: number | null;
}

export interface BandTotals extends PortfolioTotals {
  readonly band: RiskBand;
  /** Of all accounts, 0 to 1. */
  readonly share: number;
}

export interface ScenarioTotals extends StressScenario, PortfolioTotals {
  readonly lossGivenDefault: number;
  /** Over the expected loss without it; null where that is 0. */
  readonly lossRatio: number | null;
  /** By the band that the shifted probability is in. */
  readonly bands: readonly BandTotals[];
}

class Totals {
  accounts = 0;
  exposure = 0;
  expectedLoss = 0;
  probability = 0;

  add(probability: number, exposure: number, lossGivenDefault: number): void {
    this.accounts++;
    this.exposure += exposure;
    this.probability += probability;
    this.expectedLoss += probability * lossGivenDefault * exposure;
  }

  get totals(): PortfolioTotals {
    const { accounts, exposure, expectedLoss, probability } = this;
    return {
      accounts,
      exposure,
      expectedLoss,
      meanProbability: accounts === 0 ? null : probability / accounts,
    };
  }
}

/** One way to look at a portfolio: its sums, as a whole and by band. */
class View {
  private readonly whole = new Totals();
  private readonly byBand: ReadonlyMap<RiskBand, Totals>;

  constructor(
    private readonly bands: readonly RiskBand[],
    readonly lossGivenDefault: number,
  ) {
    this.byBand = new Map(bands.map((band) => [band, new Totals()]));
  }

  add(probability: number, exposure: number): void {
    this.whole.add(probability, exposure, this.lossGivenDefault);
    this.byBand.get(bandOf(this.bands, probability))?.add(probability, exposure, this.lossGivenDefault);
  }

  get totals(): PortfolioTotals {
    return this.whole.totals;
  }

  get bandTotals(): BandTotals[] {
    return [...this.byBand].map(([band, each]) => ({
      band,
      share: this.whole.accounts === 0 ? 0 : each.accounts / this.whole.accounts,
      ...each.totals,
    }));
  }
}

/** Adds up a portfolio account by account: memory does not grow with their number. */
export class Portfolio {
  private readonly asItIs: View;
  private readonly stressed: readonly { readonly scenario: StressScenario; readonly view: View }[];

  constructor(
    private readonly policy: RiskPolicy,
    scenarios: readonly StressScenario[],
  ) {
    const { bands, lossGivenDefault } = policy;
    this.asItIs = new View(bands, lossGivenDefault);
    this.stressed = scenarios.map((scenario) => ({
      scenario,
      view: new View(bands, Math.min(1, lossGivenDefault * scenario.lossGivenDefaultMultiplier)),
    }));
  }

  /** @param exposure what would be owed at a default; the policy's standard where it is not known */
  add(probability: number, exposure?: number | null): void {
    const owed = exposure ?? this.policy.exposure.standard;
    this.asItIs.add(probability, owed);
    const most = bandOf(this.policy.bands, probability).maximumLimit ?? 0;
    for (const { scenario, view } of this.stressed) {
      const drawn = Math.max(owed, (scenario.limitUtilization ?? 0) * most);
      view.add(shifted(probability, scenario.oddsMultiplier), drawn);
    }
  }

  get totals(): PortfolioTotals {
    return this.asItIs.totals;
  }

  get bands(): BandTotals[] {
    return this.asItIs.bandTotals;
  }

  get scenarios(): ScenarioTotals[] {
    const { expectedLoss } = this.totals;
    return this.stressed.map(({ scenario, view }) => ({
      ...scenario,
      ...view.totals,
      lossGivenDefault: view.lossGivenDefault,
      lossRatio: expectedLoss === 0 ? null : view.totals.expectedLoss / expectedLoss,
      bands: view.bandTotals,
    }));
  }
}

/** The probability with its odds multiplied. */
export function shifted(probability: number, oddsMultiplier: number): number {
  return (oddsMultiplier * probability) / (1 - probability + oddsMultiplier * probability);
}
