import { type DerivedFeature } from './derived-feature';

/** Each kind of key needs a pass over the events. */
const MAX_DERIVED = 200;

interface Context {
  readonly shape: 'TABLE' | 'EVENTS';
  readonly subjectColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
  readonly sessionGapMinutes?: number | undefined;
  readonly label: object;
  readonly features: ReadonlyArray<{ readonly type: string }>;
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

const isDerived = (feature: { readonly type: string }): feature is DerivedFeature =>
  feature.type === 'derived';

/** What is wrong with the derived features of a spec, by path. */
export function derivedProblems(spec: Context): Problem[] {
  const problems: Problem[] = [];
  if (spec.shape === 'TABLE' && spec.sessionGapMinutes !== undefined)
    problems.push({ path: 'sessionGapMinutes', message: 'sessions need EVENTS data; leave it out' });
  let count = 0;
  spec.features.forEach((feature, index) => {
    if (!isDerived(feature)) return;
    count += 1;
    const fail = (key: string, message: string) =>
      problems.push({ path: `features.${index}.${key}`, message });
    if (spec.shape === 'TABLE')
      fail('type', 'derived features are computed from events: they need EVENTS data');
    checkWindow(feature, fail);
    checkSessions(feature, spec, fail);
    checkColumns(feature, spec, fail);
  });
  if (count > MAX_DERIVED)
    problems.push({
      path: 'features',
      message: `at most ${MAX_DERIVED} features can be derived, not ${count}`,
    });
  return problems;
}

type Fail = (key: string, message: string) => void;

function checkWindow(feature: DerivedFeature, fail: Fail): void {
  const windows = ['withinMinutes', 'withinDays', 'withinSession'] as const;
  const [, second] = windows.filter((key) => feature[key] !== undefined);
  if (second !== undefined) fail(second, 'give one of withinMinutes, withinDays and withinSession');
  const { withinMinutes, withinDays, delayMinutes = 0 } = feature;
  const minutes = withinMinutes ?? (withinDays === undefined ? Infinity : withinDays * 24 * 60);
  if (delayMinutes >= minutes) fail('delayMinutes', 'must be shorter than the window: no event would count');
  if (delayMinutes > 0 && feature.withinSession)
    fail('delayMinutes', 'cannot be combined with withinSession');
}

function checkSessions(feature: DerivedFeature, spec: Context, fail: Fail): void {
  const key = feature.withinSession ? 'withinSession' : feature.aggregate === 'sessions' ? 'aggregate' : null;
  if (key === null) return;
  if (spec.sessionGapMinutes === undefined)
    fail(key, 'needs sessionGapMinutes beside features, such as 30: the pause that ends a session');
  if (feature.by && spec.subjectColumn !== undefined && !feature.by.includes(spec.subjectColumn))
    fail('by', `a session is of one subject: add its column ${spec.subjectColumn}`);
}

function checkColumns(feature: DerivedFeature, spec: Context, fail: Fail): void {
  const { by = [] } = feature;
  const label = 'column' in spec.label ? spec.label.column : null;
  by.forEach((name, index) => {
    if (by.indexOf(name) !== index) fail(`by.${index}`, `the column ${name} is named twice`);
    if (name === label) fail(`by.${index}`, 'is the label: the moment would know the answer');
    if (name === spec.timeColumn) fail(`by.${index}`, 'is the moment, which no earlier event shares');
  });
  if (!('column' in feature)) return;
  if (feature.column === label) {
    if (feature.aggregate === 'position') fail('column', 'is the label: the moment would know the answer');
    else if (feature.delayMinutes === undefined)
      fail(
        'column',
        'is the label: say in delayMinutes how long after its event a label is known, 0 if at once',
      );
  }
  if (feature.column === spec.timeColumn)
    fail('column', 'is the moment: secondsSinceLast, secondsSinceFirst and meanGapSeconds read it');
}
