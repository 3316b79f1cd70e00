import { type Database } from '../../../platform/persistence/database';
import { Gather } from '../gather';
import { type HistoryPlace } from '../subject-histories';
import { definitionOf, type EventIndex, keyedFeatures, keyOf, sourcesOf } from './event-index';
import { aggregatesByKind } from './key-aggregates';
import { type AskedValues, keyedValues, type KeyedQuestion } from './keyed-values';
import { indexesFor } from './indexes-for';
import { readyIndexes } from './register-indexes';

/** Questions of one transaction. */
const MAX_BATCH = 200;
const CONCURRENCY = 2;

/** Events of each kind that share a value, such as those of an item. */
export interface CountsQuestion {
  /** Columns, as the specification names them. */
  readonly by: readonly string[];
  /** Their values, in the order of `by`, of each that is asked about. */
  readonly keys: ReadonlyArray<readonly string[]>;
  /** Strictly before this moment, and no longer ago than the window; all there are without one. */
  readonly before: Date;
  readonly windowMs?: number;
}

/**
 * What is known of all events that share a key, such as an item or a category, as of a moment: the numbers that training
 * computes of a snapshot of the store. Each answer takes a bounded number of rows, however many events there are.
 */
export class KeyLookup {
  private readonly lookups = new Map<string, Gather<AskedValues, Readonly<Record<string, number | null>>>>();

  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /**
   * The derived features of a moment that are by other keys than the subject, by name; null is missing, also what is not
   * known yet, because the events that were stored before are still being added to its index.
   * @param question its values are those of the columns that derived features read of the moment
   * @throws AppError UNAVAILABLE
   */
  async derived(
    { tenantId, domain, spec }: HistoryPlace,
    question: KeyedQuestion,
  ): Promise<Readonly<Record<string, number | null>>> {
    if (keyedFeatures(spec).length === 0) return {};
    const key = `${tenantId} ${domain}`;
    let lookup = this.lookups.get(key);
    if (!lookup) {
      lookup = new Gather((asked) => this.answer({ tenantId, domain }, asked), {
        maxBatch: MAX_BATCH,
        concurrency: CONCURRENCY,
      });
      this.lookups.set(key, lookup);
    }
    try {
      return await lookup.ask({ spec, question });
    } finally {
      if (lookup.idle) this.lookups.delete(key);
    }
  }

  /**
   * How many events of each kind share each key, by kind; a kind without events is not there. An index is kept from the
   * first question on.
   * @returns null while the events that were stored before are still being added to the index, and for columns of entities
   * @throws AppError UNAVAILABLE
   */
  async counts(
    { tenantId, domain, spec }: HistoryPlace,
    { by, keys, before, windowMs = Infinity }: CountsQuestion,
  ): Promise<ReadonlyArray<ReadonlyMap<string, number>> | null> {
    const sources = sourcesOf(spec, by);
    if (sources === null) return null;
    const index: EventIndex = { by: sources.map(({ source }) => source) };
    return this.database.inTenant(tenantId, async (scope) => {
      const indexId = (await readyIndexes(scope, domain, [index])).get(definitionOf(index));
      if (indexId === undefined) return null;
      const until = before.getTime();
      const questions = keys.map((values) => ({
        indexId,
        // No event has a key without one of its values.
        key: keyOf(sources.map(({ column }) => values[by.indexOf(column)] ?? null)) ?? '',
        from: until - windowMs,
        until,
      }));
      const answers = await aggregatesByKind(scope, questions);
      return answers.map((kinds) => new Map(kinds.map(({ kind, count }) => [kind, count])));
    });
  }

  private async answer(
    { tenantId, domain }: Pick<HistoryPlace, 'tenantId' | 'domain'>,
    asked: readonly AskedValues[],
  ): Promise<ReadonlyArray<Readonly<Record<string, number | null>>>> {
    return this.database.inTenant(tenantId, async (scope) => {
      // A handful of specifications at most: a champion and the one that takes over.
      const wanted = [...new Set(asked.map(({ spec }) => spec))].flatMap(indexesFor);
      const ids = await readyIndexes(scope, domain, wanted);
      return keyedValues(scope, { domain, ids, asked });
    });
  }
}
