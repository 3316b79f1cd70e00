import { featureSpecSchema } from '../../learning/features/feature-spec';
import { schemaIssues } from './schema-issues';

const EVENTS = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'buy', within: { days: 1 } },
  features: [{ type: 'numeric', name: 'price' }],
};

it.each([
  [{ label: { column: 'rating', atLeast: '4' } }, 'label.atLeast', 'must be a number'],
  [{ label: { column: 'rating', atLeast: 4, positive: ['5'] } }, 'label', 'give positive or bounds'],
  [{ label: {} }, 'label.column', 'is missing: give a text'],
  [
    { label: { event: 'buy', within: 'session', sessionGap: { minutes: 5 } } },
    'label',
    'sessionGap is now sessionGapMinutes, beside features',
  ],
  [{ cleaning: { until: '2025-01-01T00:00:00Z' } }, 'cleaning', 'until is now dataUntil, beside features'],
  [{ cleaning: { timeFormats: ['%Q'] } }, 'cleaning.timeFormats.0', 'is no format of moments that is known'],
  [
    { features: [{ type: 'derived', name: 'spent', aggregate: 'sum' }] },
    'features.0.column',
    'is missing: give a text',
  ],
  [
    { features: [{ type: 'derived', name: 'rate', aggregate: 'rate', of: ['buy'] }] },
    'features.0.among',
    'is missing: give a list',
  ],
  [{ label: { column: 'rating', atleast: 4 } }, 'label', 'Unrecognized key: "atleast"'],
  [{ label: { event: 'buy', withn: { days: 1 } } }, 'label', 'Unrecognized key: "withn"'],
  [{ label: { noEvent: 'buy', within: 'day' } }, 'label.within', ''],
  [{ momentKinds: undefined, momentDates: ['soon'] }, 'momentDates.0', 'give an ISO 8601 date'],
  [
    { momentKinds: undefined, momentDates: { from: '2025-01-01', until: '2025-02-01', every: { day: 1 } } },
    'momentDates.every',
    '',
  ],
])('%j is told what is wrong with the form that is meant', (change, path, message) => {
  const { error } = featureSpecSchema.safeParse({ ...EVENTS, ...change });
  const [issue] = schemaIssues(error!, 'featureSpec');
  expect(issue?.path).toBe(`featureSpec.${path}`);
  expect(issue?.message).toContain(message);
});
