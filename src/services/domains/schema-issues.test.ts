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
