import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { discoverDomains } from '../../src/app/discover-domains';
import { type GeneratedData } from '../../src/domain-kit';
import { modelConfigSchema } from '../../src/learning/architectures/model-config';
import { evaluate } from '../../src/learning/evaluation/evaluate';
import { LoadedArtifact } from '../../src/learning/export/artifact-predictions';
import { encode } from '../../src/learning/features/encode';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../src/learning/features/raw-from-records';
import { inspectCsv } from '../../src/learning/preparation/inspect-csv';
import { type PreparedExamples, prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../src/learning/train-model';
import { MemoryCheckpoints } from '../../src/learning/training/test-support';
import { CsvFiles } from '../support/csv-files';
import { recordsOfLog, type LogRow } from '../support/log-records';

const SMALL = { seed: 7, scale: 0.04 };

describe.each(discoverDomains())('the domain $slug', (domain) => {
  const spec = domain.featureSpec;
  let files: CsvFiles;
  let csvPath: string;
  let data: GeneratedData;
  let rows: LogRow[];
  let prepared: PreparedExamples;

  beforeAll(async () => {
    files = await CsvFiles.create();
    data = domain.generate(SMALL);
    csvPath = await files.write([...data.csv()].join('\n') + '\n');
    rows = await readLog(csvPath);
    prepared = await prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 1 });
  });
  afterAll(async () => {
    await prepared.close();
    await files.remove();
  });

  const parts = () => [prepared.train, prepared.validation, prepared.test];

  it('has a specification and presets that are complete', () => {
    expect(featureSpecSchema.parse(spec)).toEqual(spec);
    for (const preset of Object.values(domain.presets))
      expect(modelConfigSchema.parse(preset)).toEqual(preset);
  });

  describe('generated data', () => {
    it('is the same for the same seed, and another for another', () => {
      const text = (seed: number) => [...domain.generate({ ...SMALL, seed }).csv()].join('\n');
      expect(text(7)).toBe([...data.csv()].join('\n'));
      expect(text(8)).not.toBe(text(7));
      expect([...domain.generate(SMALL).truth]).toEqual([...data.truth]);
    });

    it('is a log in order of time, in which nobody does two things at once', () => {
      const times = rows.map((row) => cell(row, spec.timeColumn));
      expect(times).toEqual([...times].sort());
      const once = new Set(
        rows.map((row) => `${cell(row, spec.subjectColumn)} ${cell(row, spec.timeColumn)}`),
      );
      expect(once.size).toBe(new Set(rows.map((row) => Object.values(row).join())).size);
    });

    it('keeps the true probability of every moment of prediction, and of nothing else', () => {
      const moments = rows.filter((row) => spec.momentKinds?.includes(cell(row, spec.kindColumn)));
      expect(new Set(moments.map((row) => cell(row, spec.idColumn)))).toEqual(new Set(data.truth.keys()));
      for (const probability of data.truth.values()) {
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThan(1);
      }
    });

    it('has labels that the true probabilities explain', () => {
      let expected = 0;
      let variance = 0;
      let positives = 0;
      for (const part of parts())
        part.ids().forEach((id, index) => {
          const probability = data.truth.get(id) ?? NaN;
          expected += probability;
          variance += probability * (1 - probability);
          positives += part.labels_N[index] ?? NaN;
        });
      // Four standard deviations of a sum of independent draws.
      expect(Math.abs(positives - expected)).toBeLessThan(4 * Math.sqrt(variance));
    });

    it('is as hard as life: rare positives, and a ceiling that is far from certainty', () => {
      const { rate, rocAuc } = ceiling(domain.generate({ seed: 3, scale: 0.2 }));
      expect(rate).toBeGreaterThan(0.05);
      expect(rate).toBeLessThan(0.25);
      expect(rocAuc).toBeGreaterThan(0.8);
      expect(rocAuc).toBeLessThan(0.92);
    });

    it('is as untidy as life: values are missing and rows come twice, and still every row can be read', async () => {
      const { accounting } = prepared;
      expect(accounting.duplicates / accounting.rows).toBeGreaterThan(0.002);
      expect(accounting.duplicates / accounting.rows).toBeLessThan(0.01);
      const moments = rows.filter((row) => spec.momentKinds?.includes(cell(row, spec.kindColumn)));
      const lost = spec.features
        .flatMap((feature) =>
          feature.type === 'numeric' || feature.type === 'categorical'
            ? [feature.column ?? feature.name]
            : [],
        )
        .map((column) => moments.filter((row) => cell(row, column) === '').length / moments.length);
      expect(Math.max(...lost)).toBeGreaterThan(0.01);
      expect(Math.max(...lost)).toBeLessThan(0.08);

      const inspection = await inspectCsv(csvPath, spec, { workDirectory: files.folder });
      expect(inspection.quarantined.count).toBe(0);
      expect(inspection.rowCount).toBe(rows.length);
    });
  });

  it('encodes a request as it encodes the file', async () => {
    const records = recordsOfLog(spec, rows);
    const indices = Int32Array.from({ length: prepared.test.count }, (_, index) => index);
    const asked = prepared.test.ids().map((id) => records.get(id) ?? { features: {} });
    const online = encode(prepared.featureMap, rawFromRecords(spec, asked));
    expect({ ...online, labels_N: prepared.test.labels_N }).toEqual(await prepared.test.read(indices));
  });

  it('trains, and the reloaded artifact answers as the trained model did', async () => {
    const signal = new AbortController().signal;
    const trained = await trainModel({
      prepared,
      model: domain.presets.tiny,
      device: 'cpu',
      threads: 1,
      checkpoint: new MemoryCheckpoints(),
      signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    const artifact = await LoadedArtifact.load(Uint8Array.from(trained.artifact), spec, 1);
    const probabilities_N = await artifact.predict(prepared.test, signal);
    await artifact.close();

    const test = trained.predictions.filter(({ part }) => part === 'test');
    expect(Array.from(probabilities_N)).toEqual(test.map(({ probability }) => probability));
    const again = evaluate(prepared.test.labels_N, probabilities_N, trained.recommendedThreshold);
    expect(again).toEqual(trained.evaluation);
    expect(again.rocAuc).toBeGreaterThan(0.55);
  });
});

const cell = (row: LogRow, column: string | undefined): string => row[column ?? ''] ?? '';

async function readLog(path: string): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let header: string[] | undefined;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const cells = line.split(',');
    if (header) rows.push(Object.fromEntries(header.map((column, index) => [column, cells[index] ?? ''])));
    else header = cells;
  }
  return rows;
}

/** What the best possible model would reach on average, were the labels drawn again and again. */
function ceiling({ truth }: GeneratedData): { rate: number; rocAuc: number } {
  let positives = 0;
  let negatives = 0;
  let ordered = 0;
  for (const probability of [...truth.values()].sort((a, b) => a - b)) {
    ordered += probability * negatives;
    positives += probability;
    negatives += 1 - probability;
  }
  return { rate: positives / truth.size, rocAuc: ordered / (positives * negatives) };
}
