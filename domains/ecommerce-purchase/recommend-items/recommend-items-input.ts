import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { AppError, type Issue } from '../../../src/errors';
import { FeatureValueInput } from '../../../src/graphql/prediction/feature-value';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../../src/learning/features/moment';
import { isStorable } from '../../../src/services/events/event-input';

/** Most candidates of a request. */
export const MAX_CANDIDATES = 500;
const MAX_FIRST = 100;
const MAX_AMOUNT = 1e9;
const MAX_ISSUES = 100;

const optional = (description: string) => ({ nullable: true, description });

@InputType('ItemCandidateInput', { description: 'An item that might be recommended.' })
export class ItemCandidateInput {
  @Field(() => ID, {
    description:
      'The item, as the events name it, 1 to 200 characters; each at most once. One that no event knows competes by what is given of it here.',
  })
  readonly itemId!: string;

  @Field(
    () => Float,
    optional(
      'What is earned when it is bought, in your currency, 0 to 10⁹. Left out, the margin rate of your policy times the price.',
    ),
  )
  readonly margin?: number | null;

  @Field(() => Float, optional('Its price, 0 to 10⁹; the one of its latest event when left out.'))
  readonly price?: number | null;

  @Field(() => String, optional('Its category; that of its latest event when left out.'))
  readonly category?: string | null;

  @Field(() => String, optional('Its brand; that of its latest event when left out.'))
  readonly brand?: string | null;
}

@InputType('RecommendItemsInput', {
  description: 'Whom to recommend items to, in the visit that begins now.',
})
export class RecommendItemsInput {
  @Field(() => ID, {
    description: 'The customer, as the stored events name it. One without events gets what sells best.',
  })
  readonly userId!: string;

  @Field(() => Int, { defaultValue: 10, description: 'How many items at most, 1 to 100.' })
  readonly first!: number;

  @Field(
    () => [ItemCandidateInput],
    optional(
      'The items to choose among, 1 to 500. Left out, they are chosen from the events: own ones, those seen together with them, the best of the favourite categories, and the best of all.',
    ),
  )
  readonly candidates?: readonly ItemCandidateInput[] | null;

  @Field(() => Date, optional('The moment; now when left out. Only events before it count.'))
  readonly at?: Date | null;

  @Field(() => String, optional('As in `PurchaseIntentInput`.'))
  readonly device?: string | null;

  @Field(() => String, optional('As in `PurchaseIntentInput`.'))
  readonly source?: string | null;

  @Field(() => String, optional('As in `PurchaseIntentInput`.'))
  readonly loyaltyTier?: string | null;

  @Field(() => Float, optional('As in `PurchaseIntentInput`.'))
  readonly tenureDays?: number | null;

  @Field(() => [FeatureValueInput], optional('As in `PurchaseIntentInput`.'))
  readonly features?: readonly FeatureValueInput[] | null;
}

/**
 * Refuses what no answer could be right about.
 * @throws AppError BAD_USER_INPUT with the path of everything that is wrong
 */
export function checkRecommendItems(input: RecommendItemsInput): void {
  const issues: Issue[] = [];
  const wrong = (path: string, message: string): void => {
    if (issues.length < MAX_ISSUES) issues.push({ path, message });
  };
  const { userId, first, candidates, at } = input;
  if (!isStorable(userId)) wrong('userId', 'must have 1 to 200 characters, without NUL');
  if (!(Number.isInteger(first) && first >= 1 && first <= MAX_FIRST))
    wrong('first', `must be an integer from 1 to ${MAX_FIRST}`);
  if (at && !(at.getTime() >= EARLIEST_MOMENT_MS && at.getTime() < LATEST_MOMENT_MS))
    wrong('at', 'must be a moment from the year 1900 on and before 2200');
  if (candidates && (candidates.length === 0 || candidates.length > MAX_CANDIDATES))
    wrong('candidates', `holds ${candidates.length} items; give 1 to ${MAX_CANDIDATES}, or leave it out`);
  const places = new Map<string, number>();
  for (const [place, candidate] of (candidates ?? []).slice(0, MAX_CANDIDATES).entries()) {
    const { itemId } = candidate;
    const path = `candidates.${place}`;
    const earlier = places.get(itemId);
    if (!isStorable(itemId)) wrong(`${path}.itemId`, 'must have 1 to 200 characters, without NUL');
    else if (earlier !== undefined)
      wrong(`${path}.itemId`, `repeats candidates.${earlier}.itemId: give each item once`);
    else places.set(itemId, place);
    for (const field of ['margin', 'price'] as const) {
      const amount = candidate[field];
      if (amount != null && !(amount >= 0 && amount <= MAX_AMOUNT))
        wrong(`${path}.${field}`, `must be a number from 0 to ${MAX_AMOUNT}, not ${amount}`);
    }
    for (const field of ['category', 'brand'] as const)
      if ((candidate[field]?.length ?? 0) > 1024) wrong(`${path}.${field}`, 'is longer than 1024 characters');
  }
  const [problem] = issues;
  if (problem) throw new AppError('BAD_USER_INPUT', `${problem.path} ${problem.message}`, issues);
}
