import { type ColumnDrift, compareColumns, type DriftState, FALSE_ALARM, gravest } from './compare-columns';
import { type DriftReference } from './drift-reference';
import { labelDrift, type LabelDrift } from './label-drift';
import { type LiveColumns } from './live-values';

/** How far what a model sees, says and is right about is from its training. Plain JSON. */
export interface DriftReport {
  /** The gravest of all. */
  readonly state: DriftState;
  /** Of the inputs alone. */
  readonly inputs: DriftState;
  /** In the order of the specification. */
  readonly columns: readonly ColumnDrift[];
  readonly score: ColumnDrift;
  readonly label: LabelDrift;
}

/** Compares with the reference; the whole report is allowed one share of false alarms, which its parts divide (Bonferroni). */
export function driftReport(
  reference: DriftReference,
  live: LiveColumns & { readonly label: DriftReference['label'] },
): DriftReport {
  const alpha = FALSE_ALARM / (live.columns.length + 2);
  const columns = live.columns.flatMap((column) => {
    const own = reference.columns.find(({ part, name }) => part === column.part && name === column.name);
    return own ? [compareColumns(own, column, alpha)] : [];
  });
  const score = compareColumns(reference.score, live.score, alpha);
  const label = labelDrift(reference.label, live.label, alpha);
  const inputs = gravest(columns.map(({ state }) => state));
  return { state: gravest([inputs, score.state, label.state]), inputs, columns, score, label };
}
