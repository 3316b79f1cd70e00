import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { featureSpecSchema } from '../../features/feature-spec';
import { inspectUpload } from '../mapping/inspect-upload';
import { personalClassOf } from '../../features/personal-data';
import { proposePersonal } from './personal-proposal';
import { type ColumnProfile, type DatasetProfile } from './dataset-profile';
import { profileCsv } from './profile-csv';

const SPEC = {
  shape: 'TABLE',
  label: { column: 'label' },
  features: [
    { type: 'numeric', name: 'income' },
    { type: 'categorical', name: 'city' },
  ],
};
const PERSONAL = [
  { column: 'income', class: 'FINANCIAL' },
  { column: 'email', class: 'CONTACT' },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'personal-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Of 60 people whose e-mail addresses and incomes are found nowhere else; the last income is no number. */
async function people(header = 'income,email,city,label'): Promise<string> {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${77_001 + 13 * i},p${i}@planted.example,c${i % 3},${i % 2}`,
  );
  const file = path.join(folder, 'people.csv');
  await writeFile(file, [header, ...rows, 'planted-income,p99@planted.example,c1,1', ''].join('\n'));
  return file;
}

const columnOf = ({ columns }: DatasetProfile, name: string): ColumnProfile | undefined =>
  columns.find((column) => column.name === name);

const profiled = async (personal?: object, mapping = {}, file?: string) => {
  const quarantinePath = path.join(folder, 'quarantine.csv');
  const profile = await profileCsv(file ?? (await people()), featureSpecSchema.parse({ ...SPEC, personal }), {
    workDirectory: folder,
    quarantinePath,
    mapping,
  });
  return { profile, quarantine: await readFile(quarantinePath, 'utf8') };
};

describe('a column that is marked as personal', () => {
  it('is counted, and none of its values is shown in profile, proposals or quarantined rows', async () => {
    const { profile, quarantine } = await profiled(PERSONAL);
    const text = JSON.stringify(profile) + quarantine;
    expect(text).not.toMatch(/planted|77001|77014/);
    expect(columnOf(profile, 'income')).toMatchObject({
      personal: 'FINANCIAL',
      givenCount: 61,
      distinctCount: 61,
      numbers: null,
      frequentValues: [],
      invalid: { count: 1, examples: [{ value: null }] },
      personalProposal: null,
    });
    expect(columnOf(profile, 'city')).toMatchObject({ personal: null, frequentValues: { length: 3 } });
    expect(profile.quarantinedCount).toBe(1);
    expect(quarantine.trimEnd().split('\n')).toHaveLength(2);
    const inspection = await inspectUpload(
      path.join(folder, 'people.csv'),
      featureSpecSchema.parse({ ...SPEC, personal: PERSONAL }),
      {
        workDirectory: folder,
      },
    );
    expect(inspection.quarantined.count).toBe(1);
    expect(JSON.stringify(inspection.quarantined)).not.toContain('planted');
  });

  it('is so under the name that its file has it by', async () => {
    const file = await people('wages,contact,city,label');
    const { profile } = await profiled(PERSONAL, { income: 'wages' }, file);
    expect(columnOf(profile, 'wages')).toMatchObject({ personal: 'FINANCIAL', numbers: null });
    // Nobody has said that this is the column `email`: it is proposed.
    expect(columnOf(profile, 'contact')).toMatchObject({
      personal: null,
      personalProposal: { class: 'CONTACT' },
    });
  });

  it('changes nothing else that is said of the file', async () => {
    const { profile: plain, quarantine } = await profiled();
    const { profile: marked } = await profiled([{ column: 'city', class: 'CONTACT' }]);
    expect(quarantine).toContain('planted-income');
    expect(columnOf(plain, 'income')).toMatchObject({ personalProposal: { class: 'FINANCIAL' } });
    expect(columnOf(plain, 'email')).toMatchObject({ personalProposal: { class: 'CONTACT' } });
    const { quarantineReasons, label, rowCount } = marked;
    expect({ quarantineReasons, label, rowCount }).toEqual({
      quarantineReasons: plain.quarantineReasons,
      label: plain.label,
      rowCount: plain.rowCount,
    });
    expect(columnOf(marked, 'income')).toMatchObject({ numbers: columnOf(plain, 'income')?.numbers });
  });
});

describe('the marks', () => {
  it('are strict: a column once, a known class, no other key', () => {
    const paths = (personal: unknown) =>
      featureSpecSchema.safeParse({ ...SPEC, personal }).error?.issues.map((issue) => issue.path.join('.'));
    expect(paths([...PERSONAL, { column: 'email', class: 'IDENTIFIER' }])).toEqual(['personal.2.column']);
    expect(paths([{ column: 'email', class: 'SECRET' }])).toEqual(['personal.0.class']);
    expect(paths([{ column: 'email', class: 'CONTACT', why: '' }])).toEqual(['personal.0']);
    expect(paths([])).toEqual(['personal']);
    expect(paths(PERSONAL)).toBeUndefined();
    expect(personalClassOf(undefined, ['email'])).toBeNull();
  });
});

it.each<[string, string[], string | null]>([
  ['a', ['jo@example.org', 'an.na@mail.example.com'], 'CONTACT'],
  ['a', ['+49 30 1234567', '(030) 765-4321'], 'CONTACT'],
  ['a', ['4111 1111 1111 1111', '5500-0000-0000-0004'], 'FINANCIAL'],
  ['a', ['4111111111111112', '5500000000000005'], null],
  ['a', ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432'], 'FINANCIAL'],
  ['a', ['10.0.0.1', '192.168.1.20'], 'IDENTIFIER'],
  ['a', ['2025-03-01', '2025-03-02'], null],
  ['a', ['12.5', '1234567', '030 12'], null],
  ['customer_email', ['x'], 'CONTACT'],
  ['BirthDate', ['1990-01-01'], 'IDENTIFIER'],
  ['dob', [], 'IDENTIFIER'],
  ['firstName', ['Ada'], 'IDENTIFIER'],
  ['religion', ['a', 'b'], 'SPECIAL_CATEGORY'],
  ['brand_name', ['fjell', 'hazel'], null],
  ['price', ['9.99'], null],
  ['trace', ['a'], null],
])('proposes for a column %s with %j: %s', (name, values, expected) => {
  const frequentValues = values.map((value) => ({ value, count: 1 }));
  expect(proposePersonal({ name, frequentValues })?.class ?? null).toBe(expected);
});
