import { setTimeout as sleep } from 'node:timers/promises';
import { type Random } from '../random';
import { type Fault, type Kind } from './fault';

/** So many faults can be there at a time, of different parts. */
const AT_A_TIME = 2;
const LONGEST_PAUSE_SECONDS = 4;
/** Of a run with few minutes none lasts through most of it. */
const LONGEST_SECONDS_PER_MINUTE = 12;

interface Planned {
  readonly fault: Fault;
  readonly pauseSeconds: number;
  readonly seconds: number;
}

/**
 * All faults in an order by chance, then again in another; the same for the same seed. One of each kind comes before
 * the second of any.
 */
export function* planned(faults: readonly Fault[], random: Random, minutes: number): Generator<Planned> {
  for (;;)
    for (const fault of kindsInTurn(random.shuffled(faults))) {
      const longest = Math.min(fault.longest, minutes * LONGEST_SECONDS_PER_MINUTE);
      const pauseSeconds = random.between(0, LONGEST_PAUSE_SECONDS);
      yield { fault, pauseSeconds, seconds: random.between(0.1 * longest, longest) };
    }
}

function kindsInTurn(faults: readonly Fault[]): Fault[] {
  const seen: Partial<Record<Kind, number>> = {};
  return faults
    .map((fault) => ({ fault, turn: (seen[fault.kind] = (seen[fault.kind] ?? 0) + 1) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ fault }) => fault);
}

/**
 * Lets faults happen until the time is over and each kind was there, however slow the machine is, and mends the last.
 * @returns how often each of them happened
 */
export async function injectFaults(
  plan: Iterator<Planned>,
  { minutes, kinds }: { readonly minutes: number; readonly kinds: readonly Kind[] },
  onFault: (name: string, seconds: number) => void,
): Promise<Record<string, number>> {
  const happened: Record<string, number> = {};
  const missing = new Set(kinds);
  const ofParts = new Map<string, Promise<boolean>>();
  const end = Date.now() + minutes * 60_000;
  const isDue = ({ kind }: Fault): boolean => Date.now() < end || missing.has(kind);
  /** Whether it was due. */
  const after = async (
    former: Promise<boolean> | undefined,
    { fault, pauseSeconds, seconds }: Planned,
  ): Promise<boolean> => {
    await former;
    await sleep(Math.min(pauseSeconds * 1_000, Math.max(0, end - Date.now())));
    if (!isDue(fault)) return false;
    missing.delete(fault.kind);
    const name = `${fault.part} ${fault.kind}`;
    onFault(name, seconds);
    await happen(fault, seconds);
    happened[name] = (happened[name] ?? 0) + 1;
    return true;
  };
  const lane = async (): Promise<void> => {
    for (;;) {
      const next = plan.next();
      if (next.done === true) return;
      const { part } = next.value.fault;
      const inTurn = after(ofParts.get(part), next.value);
      ofParts.set(part, inTurn);
      if (!(await inTurn) && missing.size === 0) return;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return happened;
}

async function happen(fault: Fault, seconds: number): Promise<void> {
  await fault.begin();
  try {
    await sleep(seconds * 1_000);
  } finally {
    await fault.end();
  }
}
