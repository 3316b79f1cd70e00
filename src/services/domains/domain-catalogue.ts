import { AppError } from '../../errors';
import { type ModelConfigInput } from '../../learning/architectures/model-config';
import { type FeatureSpecInput } from '../../learning/features/feature-spec';
import { type PolicyDefinition } from '../policies/policy-definition';

export const MODEL_PRESETS = ['tiny', 'default'] as const;
export type ModelPreset = (typeof MODEL_PRESETS)[number];

/** What a domain's moments are about beside the subject, such as the ad that is shown: columns of its stored events. */
export interface ItemColumns {
  /** Names the item. */
  readonly item: string;
  /** Names the group that items belong to, such as a campaign. */
  readonly group: string;
  /** What was predicted when the item was shown, 0 to 1; optional in the events. */
  readonly predicted: string;
}

/** What the services know of a domain: the part of its definition that needs no code of the domain's own. */
export interface CatalogueEntry {
  readonly kind: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly featureSpec: FeatureSpecInput;
  readonly presets: Readonly<Record<ModelPreset, ModelConfigInput>>;
  /** Where its stored events say what was shown; how often each was, and with what success, is then counted. */
  readonly items?: ItemColumns | undefined;
  /** What its decisions follow; absent where there are none but the threshold. */
  readonly policy?: PolicyDefinition;
}

/** The discovered domains by kind, in the order of their discovery. */
export class DomainCatalogue {
  private readonly entries: ReadonlyMap<string, CatalogueEntry>;

  constructor(entries: readonly CatalogueEntry[]) {
    this.entries = new Map(entries.map((entry) => [entry.kind, entry]));
    if (this.entries.size !== entries.length) {
      throw new Error(`two domains share a kind: ${entries.map((entry) => entry.kind).join(', ')}`);
    }
  }

  list(): readonly CatalogueEntry[] {
    return [...this.entries.values()];
  }

  /** @throws AppError BAD_USER_INPUT when no domain is of that kind */
  get(kind: string): CatalogueEntry {
    const entry = this.entries.get(kind);
    if (!entry) {
      throw new AppError(
        'BAD_USER_INPUT',
        `There is no domain of kind ${kind}; there are ${[...this.entries.keys()].join(', ')}.`,
        [{ path: 'kind', message: 'no such domain' }],
      );
    }
    return entry;
  }
}
