import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Random } from '../../src/domain-kit';

/** A third of a year: longer than any history, so that there are events to forget. */
const DAYS = 120;
const BEGINS_AT = Date.UTC(2025, 0, 6);
const EVENTS_PER_CUSTOMER = 40;
/** Visits that go on at one time: about a minute lies between two events of a visit, however many events there are. */
const OPEN_VISITS_PER_EVENT = 1 / 150_000;
const MAX_VISIT_EVENTS = 15;
const CHUNK_CHARACTERS = 1 << 20;

const HEADER =
  'event_id,user_id,at,kind,category,brand,price,dwell_seconds,device,source,loyalty_tier,tenure_days';
const CATEGORIES = Array.from({ length: 60 }, (_, index) => `category-${index + 1}`);
const BRANDS = Array.from({ length: 400 }, (_, index) => `brand-${index + 1}`);
const DEVICES = ['desktop', 'mobile', 'tablet', ''];
const SOURCES = ['direct', 'search', 'email', 'social', 'ads'];
const TIERS = ['none', 'silver', 'gold'];

/**
 * Writes a shop's event log, in the order of time, as many customers leave it: the columns that the e-commerce domain
 * reads. The same number of events gives the same file; memory does not grow with it.
 */
export async function writeEventLog(path: string, events: number): Promise<void> {
  const file = createWriteStream(path);
  const finished = once(file, 'finish');
  let pending = `${HEADER}\n`;
  for (const line of lines(events)) {
    pending += line;
    if (pending.length < CHUNK_CHARACTERS) continue;
    if (!file.write(pending)) await once(file, 'drain');
    pending = '';
  }
  file.end(pending);
  await finished;
}

interface Visit {
  customer: number;
  /** Events that are still to come. */
  left: number;
}

function* lines(events: number): Generator<string> {
  const random = new Random(events);
  const customers = Math.max(1, Math.round(events / EVENTS_PER_CUSTOMER));
  const secondsPerEvent = (DAYS * 86_400) / events;
  const open = Array.from({ length: Math.max(1, Math.round(events * OPEN_VISITS_PER_EVENT)) }, () => ({
    customer: 0,
    left: 0,
  }));
  let second = -1;
  let at = '';
  for (let event = 0; event < events; event++) {
    const now = Math.floor(event * secondsPerEvent);
    if (now !== second) {
      second = now;
      at = `${new Date(BEGINS_AT + now * 1000).toISOString().slice(0, 19)}Z`;
    }
    const visit = open[random.below(open.length)] ?? { customer: 0, left: 0 };
    const isNew = visit.left === 0;
    if (isNew) begin(visit, random, customers);
    visit.left -= 1;
    yield `e${event},u${visit.customer},${at},${isNew ? visitCells(visit, random) : actionCells(visit, random)}\n`;
  }
}

function begin(visit: Visit, random: Random, customers: number): void {
  visit.customer = random.below(customers);
  visit.left = 1 + random.below(MAX_VISIT_EVENTS);
}

function visitCells({ customer }: Visit, random: Random): string {
  const device = DEVICES[random.below(DEVICES.length)] ?? '';
  const source = SOURCES[random.below(SOURCES.length)] ?? '';
  return `visit,,,,,${device},${source},${TIERS[customer % TIERS.length] ?? ''},${customer % 1000}`;
}

/** Buyers come back: who buys is drawn by customer. */
function actionCells({ customer, left }: Visit, random: Random): string {
  const dwell = (random.uniform() * 120).toFixed(1);
  if (random.chance(0.2)) return `search,,,,${dwell},,,,`;
  const item = random.below(CATEGORIES.length * BRANDS.length);
  const category = CATEGORIES[item % CATEGORIES.length] ?? '';
  const brand = BRANDS[item % BRANDS.length] ?? '';
  const price = (5 + (item % 997) / 4).toFixed(2);
  const buys = left === 0 && random.chance(customer % 5 === 0 ? 0.5 : 0.1);
  if (buys) return `purchase,${category},${brand},${price},,,,,`;
  return `${random.chance(0.15) ? 'cart' : 'view'},${category},${brand},${price},${dwell},,,,`;
}
