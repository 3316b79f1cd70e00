import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type ItemColumns } from '../domains/domain-catalogue';

/** What is counted per item, and by which columns of its events. */
export interface CountedItems {
  readonly itemColumn: string;
  readonly predictedColumn: string;
  readonly labelColumn: string;
  /** Values of the label that count as success. */
  readonly positive: readonly string[];
  /** Events of these kinds are the moments at which an item is shown. */
  readonly kinds: readonly string[];
}

/** Null where nothing can be counted: the domain has no items, or its label is not told by the event itself. */
export function countedItems(items: ItemColumns | undefined, spec: FeatureSpec): CountedItems | null {
  const { label, momentKinds } = spec;
  if (!items || !momentKinds || !('column' in label) || !('positive' in label)) return null;
  const { item: itemColumn, predicted: predictedColumn } = items;
  return {
    itemColumn,
    predictedColumn,
    labelColumn: label.column,
    positive: label.positive,
    kinds: momentKinds,
  };
}

/** How often an item was shown, and with what success. */
export interface ItemRate {
  readonly shown: number;
  readonly positives: number;
  /** Of those shown with a prediction: how many, and the sum of what was predicted. */
  readonly predictedShown: number;
  readonly predicted: number;
}

const RATES = `
SELECT item, sum(shown)::double precision AS shown, sum(positives)::double precision AS positives,
       sum(predicted_shown)::double precision AS "predictedShown", sum(predicted) AS predicted
  FROM event_rates
 WHERE tenant_id = $1 AND domain = $2 AND item = ANY ($3::text[]) AND day BETWEEN $4::date AND $5::date
 GROUP BY item`;

/**
 * The rates of items over whole days (UTC): one index range per item. Days that began are in it with what they have so
 * far.
 */
export async function itemRates(
  scope: TenantScope,
  {
    domain,
    items,
    from,
    until,
  }: {
    readonly domain: string;
    readonly items: readonly string[];
    readonly from: Date;
    readonly until: Date;
  },
): Promise<ReadonlyMap<string, ItemRate>> {
  const day = (moment: Date) => moment.toISOString().slice(0, 10);
  const rows = await scope.query<ItemRate & { readonly item: string }>(RATES, [
    scope.tenantId,
    domain,
    items,
    day(from),
    day(until),
  ]);
  return new Map(rows.map(({ item, ...rate }) => [item, rate]));
}
