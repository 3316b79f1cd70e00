import { registerEnumType } from 'type-graphql';

/** The discovered domains' kinds. Filled before the schema is built: this layer knows no domain by name. */
export const DomainKind: Record<string, string> = {};

const valuesConfig: Record<string, { description: string }> = {};

registerEnumType(DomainKind, {
  name: 'DomainKind',
  description:
    'A kind of prediction. `domains` describes each: its data, its default features and its models.',
  valuesConfig,
});

/** Makes kinds known to the schema; to be called before it is built. */
export function registerDomainKinds(
  domains: Iterable<{ readonly kind: string; readonly description: string }>,
): void {
  for (const { kind, description } of domains) {
    DomainKind[kind] = kind;
    valuesConfig[kind] = { description };
  }
}
