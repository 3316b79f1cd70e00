import { type DomainDefinition } from '../../src/domain-kit';
import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import { rawFromRecords } from '../../src/learning/features/raw-from-records';
import { type OccasionKinds } from '../../src/learning/decisions/items/fit-item-weights';
import { type ItemEvent } from '../../src/learning/decisions/items/item-event';
import { InferencePool } from '../../src/services/prediction/pool/inference-pool';
import { candidatesFor, type Ranker } from './rank-purchases';

const KEY = { tenantId: 'bench', sha256: 'artifact' };
const DAY_MS = 86_400_000;

/**
 * Ranks items by the purchase model alone: its logit of the visit had the customer looked at the item once more when
 * the last visit ended.
 */
export function counterfactual(
  { featureSpec }: DomainDefinition,
  artifact: Uint8Array,
  kinds: OccasionKinds,
): { readonly rank: Ranker; readonly close: () => Promise<void> } {
  const pool = new InferencePool({ threads: 2, read: () => Promise.resolve(artifact), deadlineMs: 60_000 });
  const valuesOf = ({ kind, category, brand, price }: Omit<ItemEvent, 'at' | 'subjectId' | 'itemId'>) => ({
    kind,
    category,
    brand,
    price,
  });
  return {
    rank: async (asked) => {
      const { history, occasion, index } = asked;
      const ids = candidatesFor(asked, kinds);
      const at = new Date(occasion.at);
      const past = history.slice(-(featureSpec.sequence?.maxLength ?? 0));
      const events = past.map((event) => ({ at: new Date(event.at), values: valuesOf(event) }));
      const lookedAt = new Date(past.at(-1)?.at ?? occasion.at - DAY_MS);
      const records = ids.map((id) => {
        const { category = null, brand = null, price = null } = index.items.get(id) ?? {};
        const look = { at: lookedAt, values: valuesOf({ kind: 'view', category, brand, price }) };
        return { at, features: {}, history: [...events, look] };
      });
      const { logit } = await pool.run(
        KEY,
        artifactInputs(featureSpec, rawFromRecords(featureSpec, records)),
      );
      return ids
        .map((id, place) => ({ id, value: logit?.[place] ?? 0 }))
        .sort((a, b) => b.value - a.value)
        .map(({ id }) => id);
    },
    close: () => pool.close(),
  };
}
