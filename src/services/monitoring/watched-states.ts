import { type DriftState } from '../../learning/drift/compare-columns';
import { type Alert, type AlertKind, type AlertState } from './alert.entity';

/** What the monitoring of a domain has found this time. */
export interface Finding {
  readonly kind: AlertKind;
  /** Null: it cannot be told this time, so that what was known last still holds. */
  readonly state: AlertState | null;
  /** For people, of this state. */
  readonly message: string;
}

/** The states that were last known, by kind. */
export type WatchedStates = Readonly<Partial<Record<AlertKind, AlertState>>>;

/** A state that is new is one that was good before. */
export function changesOf(
  known: WatchedStates,
  findings: readonly Finding[],
): {
  readonly states: WatchedStates;
  readonly changes: readonly Pick<Alert, 'kind' | 'from' | 'to' | 'message'>[];
} {
  const changes = findings.flatMap(({ kind, state, message }) => {
    const from = known[kind] ?? 'OK';
    return state === null || state === from ? [] : [{ kind, from, to: state, message }];
  });
  const told = findings.flatMap(({ kind, state }) => (state === null ? [] : [[kind, state] as const]));
  return { states: { ...known, ...Object.fromEntries(told) }, changes };
}

const STATES: Readonly<Record<DriftState, AlertState | null>> = {
  UNKNOWN: null,
  STABLE: 'OK',
  WATCH: 'WATCH',
  DRIFTED: 'BAD',
};

export const stateOfDrift = (state: DriftState): AlertState | null => STATES[state];
