import path from 'node:path';
import { discoverDomains } from '../../../src/app/discover-domains';
import { artifactInputs } from '../../../src/learning/export/artifact-inputs';
import { rawFromRecords } from '../../../src/learning/features/raw-from-records';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../../src/learning/train-model';
import { type TenantContext } from '../../../src/platform/tenancy/request-context';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { questionOf } from '../../../src/services/prediction/question';
import { askSnapshot, lookAtSnapshot, sendEvents, snapshotWorker } from '../../support/api/event-snapshots';
import { generatedEvents } from '../../support/api/generated-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

describe('a model that is trained on a snapshot', () => {
  it.each(discoverDomains())(
    'answers the same, to the bit, where histories are looked up: $kind',
    async (domain) => {
      const { kind, featureSpec: spec, presets } = domain;
      const events = generatedEvents(domain, 0.02);
      const sent = await sendEvents(owner.caller, events, kind);
      expect(sent.accepted + sent.duplicates + sent.refused).toBe(events.length);
      expect(sent.accepted).toBeGreaterThan(events.length * 0.9);
      const { snapshot } = await askSnapshot(owner.caller, { domain: kind });
      await snapshotWorker(test).makeWaiting();
      const { dataset } = await lookAtSnapshot(owner.caller, snapshot.id);

      expect(dataset?.rowCount).toBe(sent.accepted);

      const store = test.stores.forTenant(owner.id);
      const prepared = await prepareExamples({
        csvPath: await store.localPath(dataset?.sha256 ?? ''),
        spec,
        workDirectory: path.dirname(test.uploads),
        seed: 1,
      });
      const { artifact } = await trainModel({
        prepared,
        model: { ...presets.tiny, maxEpochs: 1 },
        device: 'cpu',
        checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
        signal: new AbortController().signal,
        onPhase: () => undefined,
        onProgress: () => undefined,
      });
      const pool = new InferencePool({ threads: 1, read: () => Promise.resolve(artifact) });
      const key = { tenantId: owner.id, sha256: 'artifact' };
      const version = { id: 'version', number: 1, createdAt: new Date(0) };
      const service = new PredictionService({
        champions: { current: () => Promise.resolve({ version, artifact: key, spec, threshold: 0.5 }) },
        pool,
        histories: new SubjectHistories(test.database),
        log: new PredictionLog(test.database),
      });
      const ctx: TenantContext = {
        requestId: 'request',
        actor: { id: owner.keyId, role: 'SERVICE', tenantId: owner.id },
      };
      const byId = new Map(events.map((event) => [event.id, event]));
      for (const part of [prepared.train, prepared.test]) {
        const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
        const records = part.ids().map((id, n) => {
          const moment = byId.get(id)!;
          const features = spec.features.flatMap(({ type, name }): [string, string | number | null][] => {
            if (type === 'cyclic') return [];
            if (type === 'categorical') return [[name, raw.categorical[name]![n]!]];
            const value = raw.numeric[name]![n]!;
            return [[name, Number.isNaN(value) ? null : value]];
          });
          return {
            at: new Date(moment.at),
            subjectId: moment.subjectId,
            features: Object.fromEntries(features),
          };
        });
        const histories = new SubjectHistories(test.database);
        const looked = await Promise.all(
          records.map(async ({ subjectId, ...record }) => ({
            ...record,
            history: await histories.latest(
              { tenantId: owner.id, domain: kind, spec },
              { subjectId, before: record.at },
            ),
          })),
        );
        expect(rawFromRecords(spec, looked)).toEqual(raw);
        const { probability } = await pool.run(key, artifactInputs(spec, raw));
        const answers = await service.predictEach(ctx, kind, questionOf(records));
        expect(
          answers.map(({ item }) => (item && 'probability' in item ? item.probability : item?.issues)),
        ).toEqual([...(probability ?? [])]);
        expect(raw.sequence?.lengths.some((length) => length > 3)).toBe(true);
      }
      await pool.close();
      await prepared.close();
    },
  );
});
