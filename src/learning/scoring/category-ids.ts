import { beyondLookups, type Lookup } from '../../engine/onnx';
import { featureInput, fieldInput } from '../export/artifact-inputs';
import { type CategoryForm } from '../preparation/category-form';
import { type CategoryForms } from '../preparation/raw-rows';

/** An artifact for many examples at once: the same model, which takes ids where the artifact takes categories. */
export interface IdArtifact {
  readonly model: Uint8Array;
  /** Makes the ids, as the artifact's vocabularies give them: a category is looked up once, however many examples have it. */
  readonly ids: CategoryForms<BigInt64Array>;
}

/** @throws RangeError when the artifact does something else with categories than to look them up */
export function idArtifact(artifact: Uint8Array): IdArtifact {
  const { model, lookups } = beyondLookups(artifact);
  return { model, ids: { features: idsOf(lookups, featureInput), fields: idsOf(lookups, fieldInput) } };
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** Of an id's two words, the one that holds it. */
const LOW = LITTLE_ENDIAN ? 0 : 1;

function idsOf(
  lookups: ReadonlyMap<string, Lookup>,
  inputOf: (feature: { readonly name: string }) => string,
): CategoryForm<BigInt64Array> {
  const tables = new Map<string, { readonly dictionary: readonly string[]; readonly ids: Int32Array }>();
  return {
    categories(feature, places, dictionary = []) {
      const input = inputOf(feature);
      const lookup = lookups.get(input);
      if (!lookup) throw new Error(`the artifact does not look up ${input}`);
      const idOf = (category: string): number => lookup.ids.get(category) ?? lookup.otherwise;
      let table = tables.get(input);
      if (table?.dictionary !== dictionary)
        tables.set(input, (table = { dictionary, ids: Int32Array.from(dictionary, idOf) }));
      const { ids } = table;
      const missing = idOf('');
      const values = new BigInt64Array(places);
      // Ids are not negative: the other word stays 0, and nothing has to be made a bigint.
      const words = new Int32Array(values.buffer);
      if (missing !== 0) values.fill(BigInt(missing));
      return {
        values,
        writeCodes: (place, codes, from, to) => {
          for (let at = from, word = 2 * place + LOW; at < to; at++, word += 2)
            words[word] = ids[codes[at] ?? 0] ?? missing;
        },
        write: (place, category) => {
          words[2 * place + LOW] = idOf(category);
        },
      };
    },
  };
}
