import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { followingLabel, isLabelEvent } from './label-event';
import { prepareExamples } from './prepare-examples';
import { type CellValue, storedHeader, type StoredEvent, storedLine } from './stored-event';

const BASE: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'buy', within: { days: 1 } },
  split: { by: 'stratified' },
  features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
};
const LABELS: Readonly<Record<string, FeatureSpecInput['label']>> = {
  'an event follows': { event: 'buy', within: { days: 1 } },
  'none follows': { noEvent: 'buy', within: { days: 1 } },
  'any event follows': { event: '*', within: { hours: 6 } },
  'one whose number is large': { event: 'buy', where: { column: 'value', above: 3 }, within: { days: 2 } },
  'one of some texts': { event: '*', where: { column: 'value', oneOf: ['5', 'x'] }, within: { days: 1 } },
};
const VALUES: ReadonlyArray<CellValue> = ['5', ' 5 ', 'x', 4, 3, 1, '1_0', '', 'NA'];

describe('a label that follows from stored events is that of training', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it.each(Object.entries(LABELS))('where %s', async (_, label) => {
    const spec = featureSpecSchema.parse({ ...BASE, label });
    const events = Array.from({ length: 400 }, (_, i): StoredEvent => {
      const value = VALUES[(i * 7) % VALUES.length] ?? '';
      return {
        id: `e${i}`,
        subjectId: `u${(i * i + i) % 13}`,
        at: new Date(Date.UTC(2025, 0, 1) + Math.floor(i / 3) * 10_800_000),
        kind: i % 5 < 3 ? 'visit' : 'buy',
        cells: value === '' ? {} : { value },
      };
    });
    const csvPath = await files.write(
      [storedHeader(spec), ...events.map((event) => storedLine(spec, event))].join(''),
    );
    const prepared = await prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 1 });
    const following = followingLabel(spec);
    if (!following) throw new Error('it follows');
    const byId = new Map(events.map((event) => [event.id, event]));
    let compared = 0;
    for (const part of [prepared.train, prepared.validation, prepared.test])
      for (const [n, id] of part.ids().entries()) {
        const moment = byId.get(id)!;
        const isFollowed = events.some(
          (event) =>
            event.subjectId === moment.subjectId &&
            event.at > moment.at &&
            event.at.getTime() <= moment.at.getTime() + following.windowMs &&
            isLabelEvent(spec, following, event),
        );
        expect([id, isFollowed !== following.isAbsence ? 1 : 0]).toEqual([id, part.labels_N[n]]);
        compared += 1;
      }
    expect(compared).toBeGreaterThan(100);
    await prepared.close();
  });

  it('and there is none where events alone do not decide, or not in a known time', () => {
    for (const change of [
      { label: { column: 'bought' } },
      { label: { event: 'buy', within: 'session' }, sessionColumn: 'session' },
    ] satisfies Array<Partial<FeatureSpecInput>>)
      expect(followingLabel(featureSpecSchema.parse({ ...BASE, ...change }))).toBeNull();
  });
});
