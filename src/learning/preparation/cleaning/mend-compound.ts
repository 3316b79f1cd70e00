import { type CompoundFeature } from '../../features/compound';
import { type CategoryCleaning } from '../../features/cleaning';
import { type ValueStep } from './cleaning-step';
import { mergeSpellings, union } from './merge-cleaning';

type Cleaned = Partial<CompoundFeature>;

/** What a step changes of a feature that has several values side by side; nothing where it is of other values. */
export function mendCompound(feature: CompoundFeature, step: ValueStep): Cleaned {
  switch (feature.type) {
    case 'multi': {
      const cleaning = mendSet(feature.cleaning ?? {}, step);
      return cleaning ? { cleaning } : {};
    }
    case 'text':
    case 'timestamp':
      return step.kind === 'TREAT_AS_MISSING' && !step.ofSet
        ? { cleaning: { ...feature.cleaning, missing: union(feature.cleaning?.missing, step.values) } }
        : {};
    case 'vector':
      switch (step.kind) {
        case 'TREAT_AS_MISSING':
          return step.ofSet
            ? {}
            : { cleaning: { ...feature.cleaning, missing: union(feature.cleaning?.missing, step.values) } };
        case 'TREAT_ZEROS_AS_MISSING':
          return { cleaning: { ...feature.cleaning, zeros: 'missing' } };
        case 'TREAT_OTHER_LENGTHS_AS_MISSING':
          return { cleaning: { ...feature.cleaning, otherLengths: 'missing' } };
        default:
          return {};
      }
  }
}

/** @returns null where a step is not of the values of sets */
function mendSet(cleaning: Omit<CategoryCleaning, 'fill'>, step: ValueStep): typeof cleaning | null {
  switch (step.kind) {
    case 'TREAT_AS_MISSING':
      return step.ofSet ? { ...cleaning, missing: union(cleaning.missing, step.values) } : null;
    case 'MERGE_SPELLINGS':
      return step.ofSet ? mergeSpellings(cleaning, step.spellings) : null;
    case 'MERGE_RARE':
      return step.ofSet && !cleaning.keep
        ? { ...cleaning, keep: { categories: [...step.keep], other: step.other } }
        : null;
    default:
      return null;
  }
}
