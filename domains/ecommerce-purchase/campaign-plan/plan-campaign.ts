import {
  allocateOffers,
  type Allocation,
  type Option,
} from '../../../src/learning/decisions/allocate-offers';
import { countInterval, type CountInterval } from '../../../src/learning/decisions/poisson-binomial';

/** Something that a shop can do for a customer. */
export interface Offer {
  readonly id: string;
  /** Of making it, whatever comes of it. */
  readonly cost: number;
  /** Taken off the price when the customer buys. */
  readonly discount: number;
  /** The shop's assumption: what it multiplies the odds of a purchase by. */
  readonly oddsMultiplier: number;
}

export type Objective = 'CONVERSIONS' | 'PROFIT';

export interface CampaignQuestion {
  /** That each customer buys without an offer, 0..1. */
  readonly probabilities: readonly number[];
  readonly offers: readonly Offer[];
  readonly budget: number;
  /** What a purchase earns before discounts. */
  readonly margin: number;
  readonly objective: Objective;
}

export interface Assignment {
  /** The customer's place. */
  readonly customer: number;
  readonly offer: Offer;
  readonly probability: number;
  /** With the offer, by the shop's assumption. */
  readonly offeredProbability: number;
  /** Of the offer: cost + offeredProbability · discount. */
  readonly expectedCost: number;
  /** What the offer adds, over none. */
  readonly addedProfit: number;
}

export interface CampaignPlan extends Pick<Allocation, 'bound' | 'shadowPrice'> {
  /** In the customers' order. */
  readonly assignments: readonly Assignment[];
  readonly expectedCost: number;
  /** What was maximized, of the plan. */
  readonly value: number;
  /** Purchases by all customers, with an offer or not. */
  readonly conversions: CountInterval;
  /** By all customers, had nobody got an offer. */
  readonly conversionsWithout: CountInterval;
  readonly addedProfit: number;
}

/** The odds of a purchase times a factor, as a probability. */
export function withOdds(probability: number, multiplier: number): number {
  return (multiplier * probability) / (1 - probability + multiplier * probability);
}

/** Which offer to whom: as much of the objective as the budget allows. The budget is for expected costs. */
export function planCampaign({
  probabilities,
  offers,
  budget,
  margin,
  objective,
}: CampaignQuestion): CampaignPlan {
  const outcomes = probabilities.map((probability) =>
    offers.map((offer) => {
      const offered = withOdds(probability, offer.oddsMultiplier);
      const cost = offer.cost + offered * offer.discount;
      return { offered, cost, addedProfit: (offered - probability) * margin - cost };
    }),
  );
  const options = outcomes.map((each, customer) =>
    each.map(({ offered, cost, addedProfit }): Option => ({
      cost,
      value: objective === 'PROFIT' ? addedProfit : offered - (probabilities[customer] ?? 0),
    })),
  );
  const { choices, cost, value, bound, shadowPrice } = allocateOffers(options, budget);
  const assignments = choices.flatMap((choice, customer): Assignment[] => {
    const offer = choice === null ? undefined : offers[choice];
    const outcome = choice === null ? undefined : outcomes[customer]?.[choice];
    if (!offer || !outcome) return [];
    return [
      {
        customer,
        offer,
        probability: probabilities[customer] ?? 0,
        offeredProbability: outcome.offered,
        expectedCost: outcome.cost,
        addedProfit: outcome.addedProfit,
      },
    ];
  });
  const offered = [...probabilities];
  for (const { customer, offeredProbability } of assignments) offered[customer] = offeredProbability;
  return {
    assignments,
    expectedCost: cost,
    value,
    bound,
    shadowPrice,
    conversions: countInterval(offered),
    conversionsWithout: countInterval(probabilities),
    addedProfit: assignments.reduce((sum, each) => sum + each.addedProfit, 0),
  };
}
