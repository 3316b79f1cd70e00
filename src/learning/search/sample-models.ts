import { type core } from 'zod';
import { type ModelConfig, modelConfigSchema } from '../architectures/model-config';
import { seededRandom } from '../training/random';
import { type SearchSpace, valueAt } from './search-space';

/** A configuration that a search tries. */
export interface SampledModel {
  /** What was drawn, by the option's path. Options that the drawn architecture, or another choice, has no use for are left out. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly model: ModelConfig;
}

/** What in a search space is wrong: the option's path, or null where it is the space as a whole. */
export interface SpaceProblem {
  readonly option: string | null;
  readonly message: string;
}

export type SampledModels =
  { readonly models: readonly SampledModel[] } | { readonly problems: readonly SpaceProblem[] };

/** Draws without a new configuration after which a space counts as exhausted. */
const MOST_REPEATS = 1000;

/**
 * Draws different configurations from a space around a base, one after the other: the same seed gives the same, and fewer of them are
 * the first of more.
 */
export function sampleModels(
  base: ModelConfig,
  space: SearchSpace,
  { count, seed }: { readonly count: number; readonly seed: number },
): SampledModels {
  const random = seededRandom(seed);
  // In whatever order they are named.
  const options = Object.entries(space).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const models: SampledModel[] = [];
  const seen = new Set<string>();
  const used = new Set<string>();
  for (let repeats = 0; models.length < count && repeats < MOST_REPEATS;) {
    const drawn = Object.fromEntries(
      options.map(([path, distribution]) => [path, valueAt(distribution, random())]),
    );
    const sampled = modelWith(base, drawn);
    if ('problems' in sampled) return sampled;
    const key = JSON.stringify(sampled.model);
    if (seen.has(key)) {
      repeats += 1;
      continue;
    }
    seen.add(key);
    Object.keys(sampled.parameters).forEach((path) => used.add(path));
    models.push(sampled);
    repeats = 0;
  }
  const problems = Object.keys(space)
    .filter((path) => !used.has(path))
    .map((path) => ({ option: path, message: 'is no option of any configuration that is tried' }));
  if (problems.length > 0) return { problems };
  if (models.length === count) return { models };
  return {
    problems: [
      { option: null, message: `has ${models.length} different configurations: try that many at most` },
    ],
  };
}

type Tree = Record<string, unknown>;
type SchemaIssue = core.$ZodIssue;

/** The base with other values, without what does not go with them. */
function modelWith(
  base: ModelConfig,
  parameters: Readonly<Record<string, unknown>>,
): SampledModel | { readonly problems: readonly SpaceProblem[] } {
  const useless = new Set<string>();
  for (;;) {
    const given = Object.fromEntries(Object.entries(parameters).filter(([path]) => !isWithin(path, useless)));
    const tree = structuredClone(base) as unknown as Tree;
    for (const path of useless) remove(tree, path.split('.'));
    for (const [path, value] of Object.entries(given)) place(tree, path.split('.'), value);
    const parsed = modelConfigSchema.safeParse(tree);
    if (parsed.success) return { parameters: given, model: parsed.data };
    // Another architecture, optimizer or loss has other options: what it does not know is left out.
    const unknown = parsed.error.issues
      .flatMap(unknownPaths)
      .filter((path) => !useless.has(path) && !liesWithinValue(path, given));
    if (unknown.length === 0)
      return { problems: parsed.error.issues.map((issue) => problemOf(issue, given)) };
    unknown.forEach((path) => useless.add(path));
  }
}

function unknownPaths(issue: SchemaIssue): string[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key].join('.')) : [];
}

const isWithin = (path: string, useless: ReadonlySet<string>): boolean =>
  [...useless].some((above) => path === above || path.startsWith(`${above}.`));

/** Whether it is part of a value that was drawn, which is a mistake of the space. */
const liesWithinValue = (path: string, given: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(given).some((option) => path.startsWith(`${option}.`));

function problemOf(issue: SchemaIssue, given: Readonly<Record<string, unknown>>): SpaceProblem {
  const path = issue.path.join('.');
  const option =
    Object.keys(given).find((each) => path === each || path.startsWith(`${each}.`)) ??
    Object.keys(given).find((each) => each.startsWith(`${path}.`)) ??
    null;
  const value = option === null ? '' : `${JSON.stringify(given[option])} cannot be used: `;
  return { option, message: `${value}${option === path ? '' : `${path}: `}${issue.message}` };
}

function remove(tree: Tree, [key = '', ...rest]: readonly string[]): void {
  if (!Object.hasOwn(tree, key)) return;
  const inner = tree[key];
  if (rest.length === 0) Reflect.deleteProperty(tree, key);
  else if (isTree(inner)) remove(inner, rest);
}

function place(tree: Tree, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = Object.hasOwn(tree, key) ? tree[key] : undefined;
  const into: Tree = isTree(inner) ? inner : {};
  tree[key] = into;
  place(into, rest, value);
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
