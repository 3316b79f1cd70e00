import { isEnumType, getNamedType } from 'graphql';
import { argumentsFor, placesOf } from './input-places';
import { parting } from './mask-answer';
import { type Caller, type Request, type Tenant } from './caller';
import { type KnownValues } from './known-values';

/** Of one type, as many things are looked at. */
const EACH = 3;
const ATTEMPTS = 4;
const PAUSE_MS = 500;

/**
 * Fields that change by themselves, or because somebody looks: what they say is no trace of another tenant.
 */
const CHANGE_BY_THEMSELVES =
  /"(lastUsedAt|lastReceivedAt|queuePosition|predictedStartAt|predictedEndAt|doneShare|judgedAt|oldestAt|nextRemovalAt|requestId|lookMs)":("[^"]*"|[^,}\]]*)/g;

/**
 * Queries whose answers grow with the passes that workers make by themselves. What appears in them is no trace of another
 * tenant, unless it holds something of that tenant's.
 */
const WRITTEN_BY_WORKERS: ReadonlySet<string> = new Set(['alerts', 'driftReports']);

/** A request with its answer, as text. */
export interface Read {
  readonly request: Request;
  readonly content: string;
}

/** What a tenant reads, by the request. */
export type Reading = ReadonlyMap<string, Read>;

/** Everything that a tenant can read, by every query of the schema with the tenant's own ids. */
export async function crawl(caller: Caller, tenant: Tenant): Promise<Reading> {
  return readAgain(caller, tenant, requestsOf(caller, tenant));
}

/** Sends requests; what is answered is not taken for the tenant's own. */
export async function readAgain(
  caller: Caller,
  tenant: Tenant,
  requests: Iterable<Request>,
): Promise<Reading> {
  const reading = new Map<string, Read>();
  for (const request of requests) {
    const { data, errors } = await caller.call(tenant, request);
    const content = JSON.stringify([data, errors]).replace(CHANGE_BY_THEMSELVES, '"$1":0');
    reading.set(`${request.root.name} ${JSON.stringify(request.args)}`, { request, content });
  }
  return reading;
}

/** Reads as a tenant; all that is answered is its own. */
export async function learn(caller: Caller, tenant: Tenant): Promise<Reading> {
  const reading = await crawl(caller, tenant);
  for (const { content } of reading.values()) tenant.known.learn(JSON.parse(content));
  return reading;
}

/** What a tenant reads, and what of it is another thing each time. */
export interface SettledReading {
  readonly reading: Reading;
  /** Requests whose answers change by being asked, or with the time. */
  readonly restless: readonly string[];
}

/** Reads until nothing is on its way any more: what the server makes when it is first asked is made by then. */
export async function settledReading(caller: Caller, tenant: Tenant): Promise<SettledReading> {
  let reading = await learn(caller, tenant);
  for (let attempt = 1; ; attempt++) {
    const next = await learn(caller, tenant);
    const restless = differences(reading, next).map(({ request }) => request);
    const isNew = next.size !== reading.size;
    reading = next;
    if ((restless.length === 0 && !isNew) || attempt === ATTEMPTS) return { reading, restless };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Each query once for each of the tenant's ids that it can be asked for, and for each value of a first enum. */
function requestsOf(caller: Caller, { known }: Tenant): Request[] {
  return caller.roots
    .filter(({ operation }) => operation === 'query')
    .flatMap((root) => {
      const { args } = root.field;
      const plain = argumentsFor(args, known);
      const [place] = placesOf(args).filter(({ type, path }) => type === 'ID' && path[0] === 'id');
      const type = getNamedType(root.field.type).name;
      const ids = place ? [...(known.ids.get(type) ?? [])].slice(-EACH) : [];
      const choice = args.find(
        (argument) => isEnumType(getNamedType(argument.type)) && argument.name in plain,
      );
      const kind = choice ? getNamedType(choice.type) : null;
      const values = isEnumType(kind) ? kind.getValues().map(({ name }) => name) : [];
      const all = [
        plain,
        ...ids.map((id) => ({ ...plain, id })),
        ...(choice ? values.map((value) => ({ ...plain, [choice.name]: value })) : []),
      ];
      return all.map((each) => ({ root, args: each }));
    });
}

/** What a tenant reads otherwise than before. */
export interface Changes {
  readonly differences: readonly Difference[];
  /** Requests that were answered otherwise, which says nothing: workers write what they read. */
  readonly restless: readonly string[];
}

/**
 * Reads again, and says what has changed and stays so: what is another thing the next moment changed by itself.
 * @param stranger what only the other tenant knows
 */
export async function changes(
  caller: Caller,
  tenant: Tenant,
  { before, stranger }: { readonly before: Reading; readonly stranger: KnownValues },
): Promise<Changes> {
  const requestsIn = (reading: Iterable<Read>): Request[] => [...reading].map(({ request }) => request);
  const now = await readAgain(caller, tenant, requestsIn(before.values()));
  const changed = differences(before, now).flatMap(({ request }) => now.get(request) ?? []);
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const later = await readAgain(caller, tenant, requestsIn(changed));
  const passing = differences(later, now).map(({ request }) => request);
  const isOfWorkers = ({ request }: Difference): boolean => {
    const read = now.get(request);
    return (
      read !== undefined &&
      WRITTEN_BY_WORKERS.has(read.request.root.name) &&
      stranger.found(read.content, tenant.known).length === 0
    );
  };
  const lasting = differences(before, now).filter(({ request }) => !passing.includes(request));
  return {
    differences: lasting.filter((difference) => !isOfWorkers(difference)),
    restless: [...passing, ...lasting.filter(isOfWorkers).map(({ request }) => request)],
  };
}

/** A request that is answered otherwise than before. */
export interface Difference {
  readonly request: string;
  /** Where the answers part. */
  readonly detail: string;
}

export function differences(before: Reading, after: Reading): Difference[] {
  return [...before].flatMap(([request, { content }]) => {
    const now = after.get(request)?.content ?? '';
    return now === content ? [] : [{ request, detail: parting(now, content) }];
  });
}
