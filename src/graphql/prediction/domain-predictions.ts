import { AppError, type Issue } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type PredictionRecord } from '../../services/prediction/complete-history';
import {
  type Answered,
  type PredictionService,
  type Score,
} from '../../services/prediction/prediction.service';
import { type GraphqlContext } from '../context';
import { outcome } from '../results/outcome';
import { InvalidFeatures, ModelNotReady } from '../results/shared-errors';
import { rememberDecisions } from './decisions';
import { type Prediction, PredictionInterval } from './prediction';
import { type InputParts, type ReadInput, readInput } from './read-input';

/** Most inputs of a batch. */
export const MAX_INPUTS = 1_000;

/** How a domain asks and answers. */
export interface PredictionDefinition<Input, Answer extends Prediction & { readonly decision: string }> {
  readonly kind: string;
  readonly answer: new () => Answer;
  /** The decision at or above the threshold, and the one below. */
  readonly decisions: { readonly yes: Answer['decision']; readonly no: Answer['decision'] };
  /** Takes an input apart. */
  readonly read: (input: Input) => Parts;
}

export type PredictionOutcome<Answer> = Answer | InvalidFeatures | ModelNotReady;

type Parts = InputParts & { readonly subjectId?: string | null | undefined };

type AnsweredBy = Pick<Answered<never>, 'modelVersion' | 'servedBy' | 'threshold'>;

/** An input as a version takes it. */
interface Asked extends Pick<ReadInput, 'pathOf'> {
  readonly record: PredictionRecord;
  readonly wrong?: undefined;
}

/** What it cannot take. */
interface Wrong {
  readonly record?: undefined;
  readonly wrong: InvalidFeatures;
}

/** What the prediction queries of all domains have in common. */
export class DomainPredictions<Input, Answer extends Prediction & { readonly decision: string }> {
  constructor(private readonly definition: PredictionDefinition<Input, Answer>) {
    rememberDecisions(definition.kind, definition.decisions);
  }

  async one(
    service: PredictionService,
    ctx: GraphqlContext,
    input: Input,
  ): Promise<PredictionOutcome<Answer>> {
    const [told] = await this.ask(service, ctx, [input], () => '');
    if (!told) throw new Error('one example was asked about and none answered');
    return told;
  }

  /** In the order of the inputs; what is wrong with one of them is said in its place, and the others are answered. */
  async each(
    service: PredictionService,
    ctx: GraphqlContext,
    inputs: readonly Input[],
  ): Promise<PredictionOutcome<Answer>[]> {
    if (inputs.length > MAX_INPUTS) {
      const message = `holds ${inputs.length} inputs; at most ${MAX_INPUTS} fit in one request`;
      throw new AppError('BAD_USER_INPUT', `The argument "inputs" ${message}.`, [
        { path: 'inputs', message },
      ]);
    }
    return this.ask(service, ctx, inputs, (index) => `${index}.`);
  }

  /** @param prefixOf put before the paths of an input's issues */
  private async ask(
    service: PredictionService,
    ctx: GraphqlContext,
    inputs: readonly Input[],
    prefixOf: (index: number) => string,
  ): Promise<PredictionOutcome<Answer>[]> {
    const tenant = requireTenant(ctx);
    await ctx.take?.('predictions', inputs.length);
    const parts = inputs.map((input) => this.definition.read(input));
    const answers = await outcome([ModelNotReady], () =>
      service.predictEach(tenant, this.definition.kind, {
        subjectIds: parts.map(({ subjectId }) => subjectId),
        read: (spec, places) => places.map((place) => readPlace(prefixOf(place), parts[place], spec)),
      }),
    );
    if (answers instanceof ModelNotReady) return inputs.map(() => answers);
    return answers.map((answered, index) => {
      const { read, item, modelVersion, servedBy, threshold } = answered;
      if (read.wrong) return read.wrong;
      if (!item) throw new Error('an example was asked about and not answered');
      if ('issues' in item) {
        const { pathOf } = read;
        return invalidAt(
          prefixOf(index),
          item.issues.map(({ path, message }) => ({ path: pathOf(path), message })),
        );
      }
      const subjectId = read.record.subjectId ?? null;
      return this.answerOf(item, { modelVersion, servedBy, threshold, subjectId });
    });
  }

  /** What a version says of an example, as this domain tells it. */
  answerOf(
    item: Score,
    { modelVersion, servedBy, threshold, subjectId }: AnsweredBy & { readonly subjectId: string | null },
  ): Answer {
    const { answer, decisions } = this.definition;
    const told = new answer();
    Object.assign(told, {
      subjectId,
      probability: item.probability,
      interval: item.interval ? Object.assign(new PredictionInterval(), item.interval) : null,
      history: item.history,
      recording: item.recording,
      record: item.record,
      explain: item.explain,
      decision: item.probability >= threshold ? decisions.yes : decisions.no,
      threshold,
      modelVersion,
      servedBy,
    });
    return told;
  }
}

/** @param prefix put before the paths of its issues */
function readPlace(prefix: string, parts: Parts | undefined, spec: FeatureSpec): Asked | Wrong {
  if (!parts) throw new RangeError('an input was asked for that was not given');
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
