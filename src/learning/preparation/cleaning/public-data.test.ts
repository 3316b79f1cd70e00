import { join } from 'node:path';
import { CsvFiles } from '../../../../test/support/csv-files';
import { ONLINE_SHOPPERS_SPEC } from '../../../../test/support/online-shoppers';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { sketchColumns } from '../mapping/column-sketch';
import { confirmedMapping, type MappingDecision, resolveMapping } from '../mapping/resolve-mapping';
import { withOpenFile } from '../open-csv';
import { prepareExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';
import { applySteps, inOrder } from './cleaning-step';

const folder = process.env['PROPENSITY_SHARED_DATA'] ?? '';
const describeWithData = folder === '' ? describe.skip : describe;

/** Files of the public sets, where `PROPENSITY_SHARED_DATA` says; counts are those their publishers give. */
describeWithData('public data (PROPENSITY_SHARED_DATA)', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  const mappingOf = async (
    name: string,
    input: FeatureSpecInput,
    decisions: readonly MappingDecision[] = [],
  ) =>
    withOpenFile(
      { path: join(folder, name), wanted: new Set(), workDirectory: files.folder },
      async ({ session, scan }) =>
        resolveMapping(featureSpecSchema.parse(input), await sketchColumns(session, scan), decisions),
    );
  const sources = ({ columns }: Awaited<ReturnType<typeof mappingOf>>) =>
    Object.fromEntries(
      columns.map(({ column, source, needsConfirmation }) => [column, [source, needsConfirmation]]),
    );

  it('Online Shoppers: 33 durations of -1, 14 rows with empty cells, 119 copies are proposed to be mended', async () => {
    const spec = featureSpecSchema.parse(ONLINE_SHOPPERS_SPEC);
    const csvPath = join(folder, 'ecommerce', 'online_shoppers_intention.csv');
    const { cleaning } = await profileCsv(csvPath, spec, { workDirectory: files.folder });
    const found = cleaning.map(({ step, rowsAffected }) => [
      step.kind,
      'column' in step ? step.column : null,
      rowsAffected,
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['DROP_DUPLICATES', null, 119],
        ['TREAT_AS_MISSING', 'Administrative_Duration', 33],
        ['TREAT_AS_MISSING', 'Informational_Duration', 33],
        ['TREAT_AS_MISSING', 'ProductRelated_Duration', 33],
        ['FILL_MISSING', 'Informational', 14],
        ['MERGE_RARE', 'Browser', 232],
      ]),
    );
    const prepared = await prepareExamples({
      csvPath,
      spec: applySteps(
        spec,
        {},
        inOrder(cleaning).map(({ step }) => step),
      ),
      workDirectory: files.folder,
      seed: 0,
    });
    expect(prepared.accounting).toMatchObject({
      rows: 12_330,
      quarantined: 0,
      duplicates: 119,
      examples: 12_211,
    });
    expect(prepared.featureMap.categorical.find(({ name }) => name === 'browser')?.vocabulary).toContain(
      '(rare)',
    );
    await prepared.close();
  });

  it('German credit, without a header, is mapped by hand', async () => {
    const spec: FeatureSpecInput = {
      shape: 'TABLE',
      label: { column: 'bad', positive: ['2'] },
      features: [
        { type: 'numeric', name: 'durationMonths' },
        { type: 'numeric', name: 'amount' },
        { type: 'categorical', name: 'purpose' },
      ],
    };
    const name = 'credit/german_credit.tsv';
    const guessed = await mappingOf(name, spec);
    expect(guessed.isComplete).toBe(false);
    expect(guessed.columns.every(({ needsConfirmation }) => needsConfirmation)).toBe(true);
    expect(guessed.columns[0]?.candidates.map(({ source }) => source)).toContain('column21');
    const decisions = Object.entries({
      bad: 'column21',
      durationMonths: 'column2',
      amount: 'column5',
      purpose: 'column4',
    });
    const mapping = confirmedMapping(
      await mappingOf(
        name,
        spec,
        decisions.map(([column, source]) => ({ column, source })),
      ),
    );
    const prepared = await prepareExamples({
      csvPath: join(folder, name),
      spec: featureSpecSchema.parse(spec),
      mapping,
      workDirectory: files.folder,
      seed: 0,
    });
    expect(prepared.accounting).toMatchObject({ rows: 1000, quarantined: 0, examples: 1000 });
    const parts = [prepared.train, prepared.validation, prepared.test];
    expect(parts.reduce((sum, { labels_N }) => sum + labels_N.filter((label) => label === 1).length, 0)).toBe(
      300,
    );
    await prepared.close();
  });

  it('REES46 and Taiwan are guessed right by names and contents, and only other spellings are certain', async () => {
    const events = await mappingOf('ecommerce/rees46_2019_oct_head.csv.gz', {
      shape: 'EVENTS',
      subjectColumn: 'session',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentKinds: ['view'],
      label: { event: 'purchase', withinMinutes: 30 },
      features: [{ type: 'numeric', name: 'price' }],
    });
    expect(sources(events)).toEqual({
      session: ['user_session', true],
      at: ['event_time', true],
      kind: ['event_type', true],
      price: ['price', false],
    });
    const table = await mappingOf('credit/taiwan_credit_default.csv.gz', {
      shape: 'TABLE',
      label: { column: 'dpnm' },
      features: [
        { type: 'numeric', name: 'age' },
        { type: 'numeric', name: 'limitBalance' },
        { type: 'categorical', name: 'education' },
        { type: 'numeric', name: 'billAmount1' },
      ],
    });
    expect(sources(table)).toEqual({
      dpnm: ['dpnm', false],
      age: ['AGE', false],
      limitBalance: ['LIMIT_BAL', true],
      education: ['EDUCATION', false],
      billAmount1: ['BILL_AMT1', true],
    });
  });
});
