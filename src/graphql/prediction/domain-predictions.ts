import { AppError, type Issue } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type GivenLayout } from '../../learning/features/given-examples';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type PredictionRecord } from '../../services/prediction/complete-history';
import {
  type Answered,
  type PredictionService,
  type Score,
} from '../../services/prediction/prediction.service';
import { type GivenInputs } from '../../services/prediction/question';
import { type GraphqlContext } from '../context';
import { givenLayout } from '../given/given-layout';
import { type InputLayout } from '../given/input-layout';
import { type Given, ScannedInputs } from '../given/scanned-inputs';
import { outcome } from '../results/outcome';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../results/shared-errors';
import { rememberDecisions } from './decisions';
import { type Prediction, type PredictionParts } from './prediction';
import { type InputParts, type ReadInput, readInput } from './read-input';

/** Most inputs of a batch. */
export const MAX_INPUTS = 1_000;

/** How a domain asks and answers. */
export interface PredictionDefinition<Input, Answer extends Prediction & { readonly decision: string }> {
  readonly kind: string;
  readonly answer: new (parts: PredictionParts) => Answer;
  /** The decision at or above the threshold, and the one below. */
  readonly decisions: { readonly yes: Answer['decision']; readonly no: Answer['decision'] };
  /** Takes an input apart. */
  readonly read: (input: Input) => Parts;
  /** The input's field that names the subject. */
  readonly subject: string & keyof Input;
}

export type PredictionOutcome<Answer> = Answer | InvalidFeatures | ModelNotReady | QuotaExceeded;

type Parts = InputParts & { readonly subjectId?: string | null | undefined };

type AnsweredBy = Pick<Answered<never>, 'modelVersion' | 'servedBy' | 'threshold'>;

/** An input as a version takes it. */
interface Asked extends Pick<ReadInput, 'pathOf'> {
  readonly record: PredictionRecord;
  readonly wrong?: undefined;
}

/** One that was scored as it was given. */
interface Taken {
  readonly record?: undefined;
  readonly wrong?: undefined;
}
const TAKEN: Taken = {};

/** The inputs of a request. */
interface Inputs {
  readonly count: number;
  readonly partsOf: (place: number) => Parts;
  readonly subjectIds: readonly (string | null | undefined)[];
  readonly given: GivenInputs<Asked | Wrong | Taken> | null;
}

/** What it cannot take. */
interface Wrong {
  readonly record?: undefined;
  readonly wrong: InvalidFeatures;
}

/** What the prediction queries of all domains have in common. */
export class DomainPredictions<Input, Answer extends Prediction & { readonly decision: string }> {
  private readonly layouts = new WeakMap<InputLayout, GivenLayout | null>();

  constructor(private readonly definition: PredictionDefinition<Input, Answer>) {
    rememberDecisions(definition.kind, definition.decisions);
  }

  async one(
    service: PredictionService,
    ctx: GraphqlContext,
    input: Given<Input>,
  ): Promise<PredictionOutcome<Answer>> {
    const inputs =
      input instanceof ScannedInputs ? this.scanned(input, () => [input.value()]) : this.listed([input]);
    const [told] = await this.ask(service, ctx, inputs, () => '');
    if (!told) throw new Error('one example was asked about and none answered');
    return told;
  }

  /** In the order of the inputs; what is wrong with one of them is said in its place, and the others are answered. */
  async each(
    service: PredictionService,
    ctx: GraphqlContext,
    inputs: Given<readonly Input[]>,
  ): Promise<PredictionOutcome<Answer>[]> {
    const count = inputs instanceof ScannedInputs ? inputs.count : inputs.length;
    if (count > MAX_INPUTS) {
      const message = `holds ${count} inputs; at most ${MAX_INPUTS} fit in one request`;
      throw new AppError('BAD_USER_INPUT', `The argument "inputs" ${message}.`, [
        { path: 'inputs', message },
      ]);
    }
    const asked =
      inputs instanceof ScannedInputs ? this.scanned(inputs, () => inputs.value()) : this.listed(inputs);
    return this.ask(service, ctx, asked, (index) => `${index}.`);
  }

  private listed(inputs: readonly Input[]): Inputs {
    const parts = inputs.map((input) => this.definition.read(input));
    return {
      count: inputs.length,
      partsOf: (place) => partsAt(parts, place),
      subjectIds: parts.map(({ subjectId }) => subjectId),
      given: null,
    };
  }

  /** @param values the inputs one by one, which are made for it */
  private scanned(inputs: ScannedInputs, values: () => readonly Input[]): Inputs {
    const { count, layout, scanned } = inputs;
    const { subject, read } = this.definition;
    const roles = this.layoutOf(layout);
    return {
      count,
      partsOf: (place) => read(partsAt(values(), place)),
      subjectIds: Array.from({ length: count }, (_, place) => inputs.text(place, subject)),
      given: roles && { examples: { layout: roles, ...scanned }, read: TAKEN },
    };
  }

  private layoutOf(layout: InputLayout): GivenLayout | null {
    let known = this.layouts.get(layout);
    if (known === undefined) this.layouts.set(layout, (known = givenLayout(layout, this.definition)));
    return known;
  }

  /** @param prefixOf put before the paths of an input's issues */
  private async ask(
    service: PredictionService,
    ctx: GraphqlContext,
    { count, partsOf, subjectIds, given }: Inputs,
    prefixOf: (index: number) => string,
  ): Promise<PredictionOutcome<Answer>[]> {
    const tenant = requireTenant(ctx);
    const answers = await outcome([ModelNotReady, QuotaExceeded], async () => {
      await ctx.take?.('predictions', count);
      return service.predictEach(tenant, this.definition.kind, {
        subjectIds,
        given,
        read: (spec, places): (Asked | Wrong | Taken)[] =>
          places.map((place) => readPlace(prefixOf(place), partsOf(place), spec)),
      });
    });
    if (answers instanceof ModelNotReady || answers instanceof QuotaExceeded)
      return Array.from({ length: count }, () => answers);
    return answers.map((answered, index) => {
      const { read, item, modelVersion, servedBy, threshold } = answered;
      if (read.wrong) return read.wrong;
      if (!item) throw new Error('an example was asked about and not answered');
      if ('issues' in item) {
        const pathOf = read.record ? read.pathOf : (path: string) => path;
        return invalidAt(
          prefixOf(index),
          item.issues.map(({ path, message }) => ({ path: pathOf(path), message })),
        );
      }
      const subjectId = subjectIds[index] ?? null;
      return this.answerOf(item, { modelVersion, servedBy, threshold, subjectId });
    });
  }

  /** What a version says of an example, as this domain tells it. */
  answerOf(
    item: Score,
    { modelVersion, servedBy, threshold, subjectId }: AnsweredBy & { readonly subjectId: string | null },
  ): Answer {
    const { answer, decisions } = this.definition;
    const decision = item.probability >= threshold ? decisions.yes : decisions.no;
    return new answer({ score: item, subjectId, decision, threshold, modelVersion, servedBy });
  }
}

function partsAt<T>(list: readonly T[], place: number): T {
  if (!(place in list)) throw new RangeError('an input was asked for that was not given');
  return list[place] as T;
}

/** @param prefix put before the paths of its issues */
function readPlace(prefix: string, parts: Parts, spec: FeatureSpec): Asked | Wrong {
  try {
    const { record, pathOf } = readInput(parts, spec);
    const { at, features, history } = record;
    return { record: { at, features, history, subjectId: parts.subjectId ?? null }, pathOf };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') throw error;
    return { wrong: invalidAt(prefix, error.issues) };
  }
}

/** The issues of an input, addressed from the list. */
function invalidAt(prefix: string, issues: readonly Issue[]): InvalidFeatures {
  const addressed = issues.map(({ path, message }) => ({ path: `${prefix}${path}`, message }));
  const [first] = addressed;
  const more = addressed.length > 1 ? ` (and ${addressed.length - 1} more)` : '';
  return new InvalidFeatures(
    new AppError('BAD_USER_INPUT', first ? `${first.path} ${first.message}${more}` : '', addressed),
  );
}
