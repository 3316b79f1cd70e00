import { type LoggedEvent, type Timeline } from './event-log';

interface Numbered {
  readonly subject: string;
  /** 1-based within the subject. */
  readonly ordinal: number;
  readonly event: LoggedEvent;
}

interface Head extends Numbered {
  readonly rest: Iterator<LoggedEvent>;
}

/** All timelines as one, ordered by time; only one event per subject is held at a time (a binary heap of heads). */
export function* mergeByTime(timelines: Iterable<Timeline>): Generator<Numbered> {
  const heap: Head[] = [];
  for (const { subject, events } of timelines) {
    const head = advance(subject, 0, events[Symbol.iterator]());
    if (head) siftUp(heap, head);
  }
  for (let head = heap[0]; head; head = heap[0]) {
    yield head;
    const next = advance(head.subject, head.ordinal, head.rest) ?? heap.pop();
    if (next && next !== head) siftDown(heap, next);
  }
}

function advance(subject: string, ordinal: number, rest: Iterator<LoggedEvent>): Head | undefined {
  const { done, value } = rest.next() as IteratorResult<LoggedEvent, undefined>;
  return done ? undefined : { subject, ordinal: ordinal + 1, event: value, rest };
}

/** Ties are broken by subject, so that the order does not hang on the heap's history. */
const before = (a: Head, b: Head): boolean =>
  a.event.at === b.event.at ? a.subject < b.subject : a.event.at < b.event.at;

function siftUp(heap: Head[], item: Head): void {
  let index = heap.push(item) - 1;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (!parent || !before(item, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = item;
}

/** Puts `item` in place of the root. */
function siftDown(heap: Head[], item: Head): void {
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = heap[childIndex];
    const right = heap[childIndex + 1];
    if (child && right && before(right, child)) {
      child = right;
      childIndex++;
    }
    if (!child || !before(child, item)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = item;
}
