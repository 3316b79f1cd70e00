import { type DerivedFeature } from '../features/derived/derived-feature';
import { columnOf, type ColumnPlan } from './column-plan';
import { type CompoundResult } from './compound-result';
import { type Dictionary } from './dictionaries';

type ColumnFeature = { readonly type: string; readonly name: string; readonly column?: string | undefined };

/** What was made of the file's columns beforehand. */
interface Computed {
  /** Of the plan's categorical columns. */
  readonly dictionaries: readonly Dictionary[];
  readonly compound: CompoundResult;
  /** None unless given. */
  readonly derived?: readonly DerivedFeature[];
}

/** Which column of a query's result holds what: columns of the query's own first, then each value column once. */
export class ResultLayout {
  readonly compound: CompoundResult;
  private readonly dictionaries: readonly Dictionary[];
  private readonly derived: readonly DerivedFeature[];

  constructor(
    private readonly own: readonly string[],
    private readonly plan: ColumnPlan,
    { dictionaries, compound, derived = [] }: Computed,
  ) {
    this.dictionaries = dictionaries;
    this.compound = compound;
    this.derived = derived;
  }

  /** The select list. */
  get sql(): string {
    const numeric = this.plan.numeric.map((_, i) => `n${i}`);
    const codes = this.dictionaries.map((dictionary) => dictionary.codeSql);
    const derived = this.derived.map((_, i) => `v${i}`);
    return [...this.own, ...numeric, ...codes, ...derived, ...this.compound.select].join(', ');
  }

  /** The result column with a numeric or derived feature's values. */
  numericColumn(feature: ColumnFeature): number {
    const derived = this.derived.findIndex(({ name }) => feature.type === 'derived' && name === feature.name);
    if (derived >= 0) return this.own.length + this.plan.numeric.length + this.dictionaries.length + derived;
    return this.own.length + indexOf(this.plan.numeric, feature);
  }

  /** The result column with a categorical feature's codes. */
  codeColumn(feature: ColumnFeature): number {
    return this.own.length + this.plan.numeric.length + indexOf(this.plan.categorical, feature);
  }

  /** The result column that is the first of the compound features' cells. */
  get firstCell(): number {
    return this.own.length + this.plan.numeric.length + this.plan.categorical.length + this.derived.length;
  }

  dictionaryOf(feature: ColumnFeature): readonly string[] {
    return this.dictionaries[indexOf(this.plan.categorical, feature)]?.categories ?? [''];
  }
}

function indexOf(columns: ColumnPlan['numeric'], feature: ColumnFeature): number {
  const found = columns.findIndex((column) => column.name === columnOf(feature));
  if (found < 0) throw new Error(`the plan has no column for ${feature.name}`);
  return found;
}
