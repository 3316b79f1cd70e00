import { type GivenColumn, type GivenLayout } from '../../learning/features/given-examples';
import { type InputLayout } from './input-layout';

/** What the fields of an input are to a prediction, whatever their group. */
export interface InputRoles {
  /** The field that names the subject. */
  readonly subject: string;
}

/**
 * The columns of a domain's inputs as features and fields of events, by their names.
 * @returns null where two have one name, or there is no moment
 */
export function givenLayout({ columns, events }: InputLayout, { subject }: InputRoles): GivenLayout | null {
  const at = columns.get('at');
  const features = namedColumns(columns, ['at', subject]);
  if (at?.holds !== 'number' || !features || (events && events.name !== 'history')) return null;
  const eventAt = events?.row.columns.get('at') ?? null;
  const fields = namedColumns(events?.row.columns ?? new Map<string, GivenColumn>(), ['at']);
  return fields && { at, features, eventAt, fields };
}

function namedColumns(
  columns: InputLayout['columns'],
  others: readonly string[],
): Map<string, GivenColumn> | null {
  const named = new Map<string, GivenColumn>();
  for (const [path, column] of columns) {
    if (others.includes(path)) continue;
    const name = path.slice(path.indexOf('.') + 1);
    if (named.has(name)) return null;
    named.set(name, column);
  }
  return named;
}
