import { AppError } from '../../errors';
import { type NoReasons } from '../../services/prediction/explain-examples';
import {
  type Contribution,
  type EventContribution,
  type Reasons as AllReasons,
} from '../../services/prediction/reasons';
import { FieldContribution, Reason, ReasonEvent, Reasons, ReasonsUnavailable } from './reason';

/** Most reasons that are listed; what is beyond them is in `others`. */
const MAX_REASONS = 100;

interface Told extends Pick<Reason, 'kind' | 'feature' | 'value' | 'contribution'> {
  readonly event: EventContribution | null;
  readonly about: string;
}

/**
 * The largest reasons, and the rest of them as one number.
 *
 * @param first how many, 1 to 100
 */
export function tellReasons(all: AllReasons | NoReasons, first: number): Reasons | ReasonsUnavailable {
  if ('why' in all) return Object.assign(new ReasonsUnavailable(), all);
  const { logit, baselineLogit, error } = all;
  const told = [
    ...all.features.map(ofFeature),
    ...all.events.map(ofEvent(all.events.length)),
    ...ofLength(all),
  ];
  const items = told
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, first)
    .map(({ about, event, ...reason }) =>
      Object.assign(new Reason(), reason, {
        event: event && eventOf(event),
        direction: reason.contribution > 0 ? ('RAISES' as const) : ('LOWERS' as const),
        text: `${about}: ${signed(reason.contribution)}`,
      }),
    );
  const listed = items.reduce((sum, { contribution }) => sum + contribution, 0);
  const others = logit - baselineLogit - listed;
  return Object.assign(new Reasons(), { logit, baselineLogit, items, others, error });
}

/** @throws AppError BAD_USER_INPUT when it is not 1 to 100 */
export function checkFirst(first: number): void {
  if (first >= 1 && first <= MAX_REASONS) return;
  const message = `must be 1 to ${MAX_REASONS}`;
  throw new AppError('BAD_USER_INPUT', `The argument "first" ${message}.`, [{ path: 'first', message }]);
}

function ofFeature({ name, value, spoken, contribution }: Contribution): Told {
  return { kind: 'FEATURE', feature: name, value, event: null, contribution, about: said(name, spoken) };
}

function ofEvent(count: number) {
  return (event: EventContribution): Told => {
    const { index, at, ago, contribution, fields } = event;
    const what = fields.filter(({ value }) => value !== null).map(({ name, spoken }) => said(name, spoken));
    const when = ago ? `, ${ago}` : at ? ` at ${at.toISOString()}` : '';
    return {
      kind: 'EVENT',
      feature: null,
      value: null,
      event,
      contribution,
      about: `event ${index + 1} of ${count}${when}${what.length > 0 ? ` (${what.join(', ')})` : ''}`,
    };
  };
}

function eventOf({ index, at, fields }: EventContribution): ReasonEvent {
  const told = fields.map(({ name, value, contribution }) =>
    Object.assign(new FieldContribution(), { name, value, contribution }),
  );
  return Object.assign(new ReasonEvent(), { index, at, fields: told });
}

function ofLength({ length }: AllReasons): Told[] {
  if (!length) return [];
  const { events, usual, contribution } = length;
  const about = `${events === 1 ? '1 event' : `${events} events`} in the history, where ${usual} are usual`;
  return [{ kind: 'HISTORY_LENGTH', feature: null, value: String(events), event: null, contribution, about }];
}

const said = (name: string, value: string | null): string =>
  value === null ? `${name} is missing` : `${name} is ${value}`;

/** With a true minus sign: +0.41, −1.20. */
function signed(contribution: number): string {
  const digits = Math.abs(contribution).toFixed(2);
  return `${contribution > 0 ? '+' : '−'}${digits}`;
}
