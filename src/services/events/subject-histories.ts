import { computeDerived, type DerivedEvent } from '../../learning/features/derived/compute-derived';
import { type DerivedFeature } from '../../learning/features/derived/derived-feature';
import {
  columnsOfDerived,
  derivedFeatures,
  needsPrior,
  scopeOf,
} from '../../learning/features/derived/read-derived';
import { entityOf } from '../../learning/features/entities/entity-spec';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type HistoryEvent } from '../../learning/features/raw-from-records';
import { type DateFeatures, dateFeatures } from '../../learning/preparation/stored-date';
import {
  type CellValue,
  derivedEventOf,
  historyEventOf,
  type StoredEvent,
} from '../../learning/preparation/stored-event';
import { type Database } from '../../platform/persistence/database';
import { isStorable } from './event-input';
import { Gather } from './gather';
import { type KeyedQuestion } from './keys/keyed-values';
import { ALL_EVENTS, definitionOf } from './keys/event-index';
import { readyIndexes } from './keys/register-indexes';
import { KeyLookup } from './keys/key-lookup';
import { priorRates } from './prior-rates';

/** Rows of one statement, at most: what bounds its memory. */
const MAX_ROWS = 4_096;
/** Events that are read at first for features of all of them: nearly always all there are. */
const FIRST_ROWS = 256;
/** Statements at a time per tenant, domain and length; those who come meanwhile share the next. */
const CONCURRENCY = 2;

/** The latest first, and of one moment the one accepted last: one walk along the index per subject. */
const LATEST = `
SELECT (q.place - 1)::integer AS place, e.id, e.subject AS "subjectId", e.at, e.kind, e.cells
  FROM unnest($3::text[], $4::timestamptz[]) WITH ORDINALITY AS q (subject, before, place)
 CROSS JOIN LATERAL (
   SELECT * FROM events e
    WHERE e.tenant_id = $1 AND e.domain = $2 AND e.subject = q.subject AND e.at < q.before
      AND ($6::bigint IS NULL OR e.sequence <= $6)
    ORDER BY e.at DESC, e.sequence DESC LIMIT $5
 ) e
 ORDER BY q.place, e.at, e.sequence`;

/** Whose history, strictly before which moment. */
export interface HistoryQuestion {
  readonly subjectId: string;
  readonly before: Date;
}

interface Row extends StoredEvent {
  readonly place: number;
  readonly cells: Readonly<Record<string, CellValue>>;
}

/** A tenant's domain, as a specification reads it. */
export interface HistoryPlace {
  readonly tenantId: string;
  readonly domain: string;
  readonly spec: FeatureSpec;
}

/** Of entities, stored events have nothing. */
function readsEntities(spec: FeatureSpec, feature: DerivedFeature): boolean {
  const { numbers, texts } = columnsOfDerived(spec, feature).ofEvents;
  return [...numbers, ...texts].some((column) => entityOf(spec, column) !== null);
}

/** What is known of the moment, by the columns that derived features read of it. */
export interface DerivedQuestion extends HistoryQuestion {
  readonly values: DerivedEvent['values'];
}

/** The histories of subjects as predictions need them: what training reads from a snapshot, as of now. */
export class SubjectHistories {
  private readonly lookups = new Map<string, Gather<HistoryQuestion, readonly StoredEvent[]>>();

  private readonly keys: KeyLookup;

  /** @param watermark the number of the last stored event that is seen; all are unless given */
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly watermark: number | null = null,
  ) {
    this.keys = new KeyLookup(database);
  }

  /**
   * The latest events of a subject that its history has under a specification, oldest first; none for a subject that
   * nothing is known of. Everything that was committed before the question is seen.
   * @throws AppError UNAVAILABLE
   */
  async latest(
    { tenantId, domain, spec }: HistoryPlace,
    question: HistoryQuestion,
  ): Promise<readonly HistoryEvent[]> {
    const wanted = spec.sequence?.maxLength ?? 0;
    if (wanted === 0 || !isStorable(question.subjectId)) return [];
    for (let length = wanted; ; length = Math.min(4 * length, MAX_ROWS)) {
      const stored = await this.read(tenantId, domain, length, question);
      const usable = stored.flatMap((event) => historyEventOf(spec, event) ?? []);
      // Under another configuration than they were accepted with, events may be unusable: then older ones count.
      if (usable.length >= wanted || stored.length < length || length === MAX_ROWS)
        return usable.slice(-wanted);
    }
  }

  /** Whether the latest stored events of a subject before a moment hold this one, by the statement that predictions read with. */
  async holds(
    { tenantId, domain }: Pick<HistoryPlace, 'tenantId' | 'domain'>,
    id: string,
    question: HistoryQuestion,
  ): Promise<boolean> {
    return (await this.read(tenantId, domain, FIRST_ROWS, question)).some((event) => event.id === id);
  }

  /**
   * The derived features of a moment that follow from its subject's stored events before it, by name; null is missing.
   * @param moment its values are those of the columns that derived features read of the moment
   * @throws AppError UNAVAILABLE
   */
  async derived(
    { tenantId, domain, spec }: HistoryPlace,
    { subjectId, before, values }: DerivedQuestion,
  ): Promise<Readonly<Record<string, number | null>>> {
    const features = derivedFeatures(spec);
    const missing = Object.fromEntries(features.map(({ name }) => [name, null]));
    const scopes = features.map((feature) => scopeOf(spec, feature)).filter(({ ofSubject }) => ofSubject);
    if (scopes.length === 0 || !isStorable(subjectId)) return missing;
    const from = (windowMs: number | null) => before.getTime() - (windowMs ?? Infinity);
    const earliest = Math.min(...scopes.map(({ windowMs }) => from(windowMs)));
    const { stored, knownFrom } = await this.readBack(
      { tenantId, domain, spec },
      { subjectId, before, earliest },
    );
    const rates = features.some(needsPrior)
      ? await this.database.inTenant(tenantId, async (scope) => {
          const indexId = (await readyIndexes(scope, domain, [ALL_EVENTS])).get(definitionOf(ALL_EVENTS));
          return priorRates(scope, { domain, spec, before, indexId });
        })
      : {};
    const events = stored.flatMap((event) => derivedEventOf(spec, event) ?? []);
    const computed = computeDerived(spec, events, { at: before, values, priorRates: rates });
    return Object.fromEntries(
      features.map((feature) => {
        const value = computed[feature.name] ?? NaN;
        // What looks further back than could be read is not known.
        const isKnown = knownFrom <= from(scopeOf(spec, feature).windowMs) && !readsEntities(spec, feature);
        return [feature.name, isKnown && !Number.isNaN(value) ? value : null];
      }),
    );
  }

  /**
   * The derived features of a moment that are by other keys than the subject, by name; null is missing.
   * @throws AppError UNAVAILABLE
   */
  keyed(place: HistoryPlace, question: KeyedQuestion): Promise<Readonly<Record<string, number | null>>> {
    return this.keys.derived(place, question);
  }

  /**
   * The features of a date: the latest values that a subject's stored events before it give, by name; null is missing,
   * and what none of the latest 4,096 events gives.
   * @throws AppError UNAVAILABLE
   */
  async dated(
    { tenantId, domain, spec }: HistoryPlace,
    question: HistoryQuestion,
  ): Promise<DateFeatures['values']> {
    if (!isStorable(question.subjectId)) return {};
    for (let length = FIRST_ROWS; ; length = Math.min(4 * length, MAX_ROWS)) {
      const stored = await this.read(tenantId, domain, length, question);
      const { values, isComplete } = dateFeatures(spec, stored);
      if (isComplete || stored.length < length || length === MAX_ROWS) return values;
    }
  }

  /** A subject's latest events, as far back as wanted or as can be read: all of them from `knownFrom` on. */
  private async readBack(
    { tenantId, domain }: HistoryPlace,
    question: HistoryQuestion & { readonly earliest: number },
  ): Promise<{ readonly stored: readonly StoredEvent[]; readonly knownFrom: number }> {
    for (let length = FIRST_ROWS; ; length = Math.min(4 * length, MAX_ROWS)) {
      const stored = await this.read(tenantId, domain, length, question);
      if (stored.length < length) return { stored, knownFrom: -Infinity };
      // Of the oldest moment, events may be left.
      const knownFrom = (stored[0]?.at.getTime() ?? Infinity) + 1;
      if (knownFrom <= question.earliest || length === MAX_ROWS) return { stored, knownFrom };
    }
  }

  private async read(
    tenantId: string,
    domain: string,
    length: number,
    question: HistoryQuestion,
  ): Promise<readonly StoredEvent[]> {
    const key = `${tenantId} ${domain} ${length}`;
    let lookup = this.lookups.get(key);
    if (!lookup) {
      const maxBatch = Math.max(1, Math.floor(MAX_ROWS / length));
      lookup = new Gather((questions) => this.query(tenantId, domain, length, questions), {
        maxBatch,
        concurrency: CONCURRENCY,
      });
      this.lookups.set(key, lookup);
    }
    try {
      return await lookup.ask(question);
    } finally {
      if (lookup.idle) this.lookups.delete(key);
    }
  }

  private async query(
    tenantId: string,
    domain: string,
    length: number,
    questions: readonly HistoryQuestion[],
  ): Promise<ReadonlyArray<readonly StoredEvent[]>> {
    const rows = await this.database.inTenant(tenantId, (scope) =>
      scope.query<Row>(LATEST, [
        tenantId,
        domain,
        questions.map(({ subjectId }) => subjectId),
        questions.map(({ before }) => before.toISOString()),
        length,
        this.watermark,
      ]),
    );
    const answers = questions.map((): StoredEvent[] => []);
    for (const { place, ...event } of rows) answers[place]?.push(event);
    return answers;
  }
}
