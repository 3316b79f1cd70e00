import { AppError, type Issue } from '../../errors';
import { splitProblems } from '../../learning/features/split-spec';
import { type Objective } from '../../learning/search/rank-trials';
import { sampleModels } from '../../learning/search/sample-models';
import { type Rung, rungsOf } from '../../learning/search/successive-halving';
import { type SearchSpace, searchSpaceSchema } from '../../learning/search/search-space';
import { modelConfigSchema } from '../../learning/architectures/model-config';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { schemaIssues } from '../domains/schema-issues';
import { type RunOverrides } from '../training/run-overrides';

export interface CrossValidationInput {
  readonly folds: number;
}

export interface SearchInput {
  /** Checked strictly. */
  readonly space: unknown;
  readonly trials: number;
  readonly objective: Objective;
  readonly seed: number;
  readonly refit: boolean;
  readonly successiveHalving?: HalvingInput | null | undefined;
}

export interface HalvingInput {
  readonly minEpochs: number;
  readonly eta: number;
}

/** One of the two. */
export interface StudyInput {
  readonly crossValidation?: CrossValidationInput | null | undefined;
  readonly search?: SearchInput | null | undefined;
}

/** What a study tries, fixed when it is asked for. */
export interface StudyPlan {
  /** By their numbers: what each has that the others have not. */
  readonly trials: readonly PlannedTrial[];
  /** Null of a cross-validation. */
  readonly search: PlannedSearch | null;
}

export interface PlannedSearch extends Omit<SearchInput, 'space' | 'trials' | 'successiveHalving'> {
  readonly space: SearchSpace;
  /** Of successive halving; absent where each trial is trained in full at once. */
  readonly rungs?: readonly Rung[];
}

export interface PlannedTrial {
  /** Of a cross-validation: which part of the examples is its test, from 0. */
  readonly fold: number | null;
  /** Of a search: what was drawn. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A plan, and in what the run of each trial differs from the configuration. */
export interface PlannedStudy {
  readonly plan: StudyPlan;
  readonly overrides: readonly RunOverrides[];
}

const LEAST_FOLDS = 2;
const MOST_FOLDS = 20;
const LEAST_TRIALS = 2;
const MOST_TRIALS = 256;
const MOST_SEED = 4_294_967_295;

type Configuration = Pick<DomainConfiguration, 'featureSpec' | 'modelConfig'>;

/** @throws AppError BAD_USER_INPUT with the path of each issue inside the input */
export function planStudy(
  { crossValidation, search }: StudyInput,
  configuration: Configuration,
): PlannedStudy {
  if (crossValidation && search)
    throw refused([{ path: 'search', message: 'give crossValidation or search, not both' }]);
  if (crossValidation) return planFolds(crossValidation, configuration);
  if (search) return planSearch(search, configuration);
  throw refused([{ path: 'crossValidation', message: 'give crossValidation or search' }]);
}

function planFolds({ folds }: CrossValidationInput, { featureSpec }: Configuration): PlannedStudy {
  if (!isWithin(folds, LEAST_FOLDS, MOST_FOLDS))
    throw refused([bound('crossValidation.folds', LEAST_FOLDS, MOST_FOLDS)]);
  const { shares, ...split } = featureSpec.split ?? {};
  const overrides = Array.from({ length: folds }, (_, fold) => ({
    split: { ...split, ...(shares && { shares: { validation: shares.validation } }), folds, fold },
    judgesTest: true,
  }));
  const problems = splitProblems({ ...featureSpec, split: overrides[0]?.split });
  if (problems.length > 0)
    throw refused(
      problems.map(([path, message]) => ({ path: 'crossValidation.folds', message: `${path}: ${message}` })),
    );
  return {
    plan: { trials: overrides.map((_, fold) => ({ fold, parameters: {} })), search: null },
    overrides,
  };
}

function planSearch(input: SearchInput, { featureSpec, modelConfig }: Configuration): PlannedStudy {
  const { trials: count, seed, objective, refit, successiveHalving: halving } = input;
  const parsed = searchSpaceSchema.safeParse(input.space);
  const issues: Issue[] = [
    ...(parsed.success ? [] : schemaIssues(parsed.error, 'search.space')),
    ...(isWithin(count, LEAST_TRIALS, MOST_TRIALS)
      ? []
      : [bound('search.trials', LEAST_TRIALS, MOST_TRIALS)]),
    ...(isWithin(seed, 0, MOST_SEED) ? [] : [bound('search.seed', 0, MOST_SEED)]),
  ];
  if (parsed.success && halving) issues.push(...halvingIssues(halving, parsed.data, modelConfig.maxEpochs));
  if (issues.length > 0 || !parsed.success) throw refused(issues);
  const space = parsed.data;
  // Stored before an option existed, a configuration lacks it.
  const sampled = sampleModels(modelConfigSchema.parse(modelConfig), space, { count, seed });
  if ('problems' in sampled)
    throw refused(
      sampled.problems.map(({ option, message }) => ({
        path: ['search.space', ...(option === null ? [] : [option])].join('.'),
        message,
      })),
    );
  // All trials are judged on the same examples, also where each has a seed of its own.
  const split = { ...featureSpec.split, seed: featureSpec.split?.seed ?? modelConfig.seed };
  const rungs = halving && rungsOf(count, { ...halving, maxEpochs: modelConfig.maxEpochs });
  const epochs = rungs?.[0]?.epochs;
  return {
    plan: {
      trials: sampled.models.map(({ parameters }) => ({ fold: null, parameters })),
      search: { space, seed, objective, refit, ...(rungs && { rungs }) },
    },
    overrides: sampled.models.map(({ model }) => ({
      model: epochs === undefined ? model : { ...model, maxEpochs: epochs },
      ...('seed' in space && { split }),
    })),
  };
}

function halvingIssues({ minEpochs, eta }: HalvingInput, space: SearchSpace, maxEpochs: number): Issue[] {
  const path = 'search.successiveHalving';
  return [
    ...(isWithin(eta, 2, 10) ? [] : [bound(`${path}.eta`, 2, 10)]),
    ...(isWithin(minEpochs, 1, maxEpochs - 1)
      ? []
      : [
          {
            path: `${path}.minEpochs`,
            message: `must be from 1, and below the configuration's maxEpochs, ${maxEpochs}`,
          },
        ]),
    ...('maxEpochs' in space
      ? [{ path: 'search.space.maxEpochs', message: 'is what successive halving sets: leave it out' }]
      : []),
  ];
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

const bound = (path: string, least: number, most: number): Issue => ({
  path,
  message: `must be a whole number from ${least} to ${most}`,
});

function refused(issues: readonly Issue[]): AppError {
  const [first] = issues;
  return new AppError(
    'BAD_USER_INPUT',
    `The study cannot be made: ${first?.path ?? ''} ${first?.message ?? ''}.`,
    issues,
  );
}
