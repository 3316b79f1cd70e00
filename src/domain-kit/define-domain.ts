import { AppError, type Issue } from '../errors';
import { type ModelConfig, modelConfigSchema } from '../learning/architectures/model-config';
import { featureSpecSchema, type LabelledSpec } from '../learning/features/feature-spec';
import { type DomainDefinition, type DomainInput } from './types';

const KIND = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Checks what a domain's folder declares and fills in the defaults.
 *
 * @throws AppError `INVALID_CONFIGURATION` with an issue for everything that is wrong, addressed from the definition's root.
 */
export function defineDomain(input: DomainInput): DomainDefinition {
  const issues: Issue[] = [];
  if (!KIND.test(input.kind)) issues.push({ path: 'kind', message: 'a kind is written LIKE_THIS' });
  if (!SLUG.test(input.slug)) issues.push({ path: 'slug', message: 'a slug is written like-this' });

  const read = <T>(path: string, parsed: Parsed<T>): T | undefined => {
    for (const issue of parsed.error?.issues ?? [])
      issues.push({ path: [path, ...issue.path].join('.'), message: issue.message });
    return parsed.data;
  };
  const featureSpec = read<LabelledSpec>('featureSpec', featureSpecSchema.safeParse(input.featureSpec));
  const tiny = read<ModelConfig>('presets.tiny', modelConfigSchema.safeParse(input.presets.tiny));
  const standard = read<ModelConfig>('presets.default', modelConfigSchema.safeParse(input.presets.default));

  if (input.policy) {
    if (input.policy.kind !== input.kind)
      issues.push({ path: 'policy.kind', message: `must be the domain's, ${input.kind}` });
    read('policy.standard', input.policy.schema.safeParse(input.policy.standard));
  }

  if (issues.length > 0 || !featureSpec || !tiny || !standard)
    throw new AppError('INVALID_CONFIGURATION', `the domain ${input.kind} cannot be used as defined`, issues);
  return Object.freeze({ ...input, featureSpec, presets: { tiny, default: standard } });
}

interface Parsed<T> {
  readonly data?: T | undefined;
  readonly error?:
    { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] } | undefined;
}
