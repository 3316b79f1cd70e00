import { type FeatureSpec } from '../features/feature-spec';
import { type CompoundColumn } from './compound-columns';
import { type EventColumns, type ExampleColumns } from './example-columns';
import { blocksOf, type ExampleStore } from './store/example-store';

/**
 * How many timestamps of the parts' examples lie after the moment of prediction that sees them. They were not known then: a column that is
 * filled in afterwards, or a clock that is wrong.
 */
export async function countLaterMoments(
  spec: FeatureSpec,
  store: ExampleStore,
  parts: readonly Int32Array[],
): Promise<number> {
  const features = [...spec.features, ...(spec.sequence?.fields ?? [])];
  if (!features.some(({ type }) => type === 'timestamp')) return 0;
  let later = 0;
  for (const rows of parts.flatMap((part) => [...blocksOf(part)])) {
    const columns = await store.select(rows);
    later += ofExamples(columns);
    if (columns.events) later += ofEvents(columns, columns.events);
  }
  return later;
}

function ofExamples({ count, at, compound }: ExampleColumns): number {
  let later = 0;
  for (const ms of momentsOf(compound))
    for (let row = 0; row < count; row++) if ((ms[row] ?? NaN) > (at?.[row] ?? NaN)) later += 1;
  return later;
}

function ofEvents({ count, at }: ExampleColumns, { ends, lengths, compound }: EventColumns): number {
  let later = 0;
  for (const ms of momentsOf(compound))
    for (let row = 0; row < count; row++) {
      const end = ends[row] ?? 0;
      for (let event = end - (lengths[row] ?? 0); event < end; event++)
        if ((ms[event] ?? NaN) > (at?.[row] ?? NaN)) later += 1;
    }
  return later;
}

function momentsOf(columns: readonly CompoundColumn[]): Float64Array[] {
  return columns.flatMap((column) => ('ms' in column ? [column.ms] : []));
}
