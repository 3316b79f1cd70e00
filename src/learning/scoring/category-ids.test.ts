import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Graph, writeModel } from '../../engine/onnx';
import { add, labelEncoder } from '../../engine/ops';
import { type Feeds, Session } from '../../engine/runtime';
import { type ArtifactTensor, artifactInputs } from '../export/artifact-inputs';
import { type CompoundFeature, rawWidth } from '../features/compound';
import { featureSpecSchema } from '../features/feature-spec';
import { idArtifact } from './category-ids';
import { readScorable } from './read-scorable';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ids-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'buy', withinMinutes: 60 },
  features: [
    { type: 'categorical', name: 'device' },
    { type: 'multi', name: 'tags' },
  ],
  sequence: { maxLength: 3, fields: [{ type: 'categorical', name: 'kind' }] },
});
const CSV = `user,at,kind,device,tags
u1,2024-01-01,view,,
u1,2024-01-02,visit,phone,a|b
u1,2024-01-03,other,,
u1,2024-01-04,visit,desk,b|z
u2,2024-01-04,visit,,
u2,2024-01-05,visit,new,
`;

function lookups(): Uint8Array {
  const graph = new Graph();
  const vocabulary = (...texts: string[]) => new Map(texts.map((text, id) => [text, id + 5]));
  const input = (name: string, shape: (string | number)[]) => graph.input(name, 'string', shape);
  const tags = rawWidth(spec.features[1] as CompoundFeature);
  graph.output('device', labelEncoder(input('f_device', ['N', 1]), vocabulary('', 'phone', 'desk'), 1));
  graph.output('tags', labelEncoder(input('f_tags', ['N', tags]), vocabulary('a', '', 'b'), 1));
  graph.output('kinds', labelEncoder(input('s_kind', ['N', 3]), vocabulary('view', '', 'visit'), 1));
  graph.output('lengths', add(graph.input('s_length', 'int64', ['N']), 1));
  return writeModel(graph);
}

async function run(model: Uint8Array, inputs: Record<string, ArtifactTensor>) {
  const session = await Session.create(model);
  const feeds = Object.entries(inputs).map(([name, { type, dims, data }]) => [
    name,
    { dtype: type, shape: dims, data } as Feeds[string],
  ]);
  try {
    return await session.run(Object.fromEntries(feeds) as Feeds);
  } finally {
    await session.close();
  }
}

it('says of ids what the artifact says of their texts, missing and unknown ones too', async () => {
  const csvPath = path.join(folder, 'data.csv');
  writeFileSync(csvPath, CSV);
  const examples = await readScorable({ csvPath, spec, workDirectory: folder });
  const { model, ids } = idArtifact(lookups());
  const all = examples.count;
  const coded = artifactInputs(spec, await examples.readAs(0, all, ids));
  expect(Object.values(coded).map(({ type }) => type)).not.toContain('string');
  const answer = await run(model, coded);
  expect(answer).toEqual(await run(lookups(), artifactInputs(spec, await examples.read(0, all))));
  expect([...(answer['device']?.data as BigInt64Array)]).toEqual([6n, 7n, 5n, 1n]);
  examples.close();
});

it('refuses an artifact that needs the texts of an input twice', () => {
  const graph = new Graph();
  const color = graph.input('f_color', 'string', ['N', 1]);
  graph.output('a', labelEncoder(color, new Map([['red', 1]]), 0));
  graph.output('b', labelEncoder(color, new Map([['red', 2]]), 0));
  expect(() => idArtifact(writeModel(graph))).toThrow(/f_color/);
});
