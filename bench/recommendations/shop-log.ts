import { type ItemEvent } from '../../src/learning/decisions/items/item-event';
import { fieldsOf } from '../../src/learning/preparation/csv-record';

/** Where a log has what the choice among items reads. */
export interface LogColumns {
  readonly subject: string;
  readonly at: string;
  readonly kind: string;
  readonly item: string;
  readonly category: string;
  readonly brand: string;
  readonly price: string;
}

/** A shop's log as item events in the order of time; lines that are cut off are left out, and copies. */
export function readShopLog(lines: Iterable<string>, columns: LogColumns): ItemEvent[] {
  let header: readonly string[] | null = null;
  const seen = new Set<string>();
  const events: ItemEvent[] = [];
  for (const line of lines) {
    if (header === null) {
      header = line.split(',');
      continue;
    }
    const names: readonly string[] = header;
    const fields = fieldsOf(line, ',');
    if (fields.length !== names.length || seen.has(line)) continue;
    seen.add(line);
    const cell = (column: string): string | null => {
      const text = fields[names.indexOf(column)] ?? '';
      return text === '' ? null : text;
    };
    const at = Date.parse((cell(columns.at) ?? '').replace(/ UTC$/, 'Z').replace(' ', 'T'));
    const price = Number(cell(columns.price) ?? NaN);
    const subjectId = cell(columns.subject);
    if (subjectId === null || Number.isNaN(at)) continue;
    events.push({
      subjectId,
      at,
      kind: cell(columns.kind) ?? '',
      itemId: cell(columns.item),
      category: cell(columns.category),
      brand: cell(columns.brand),
      price: Number.isFinite(price) ? price : null,
    });
  }
  return events.sort((a, b) => a.at - b.at);
}
