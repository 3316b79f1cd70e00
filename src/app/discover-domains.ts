import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type DomainDefinition } from '../domain-kit/types';

/** `domains/`, beside `src/`, in the sources as in the build. */
const FOLDER = path.resolve(__dirname, '../../domains');

/**
 * The domains that there are: each folder's `index` exports one as `default`. In the order of their folders' names.
 *
 * @throws Error when a folder exports no domain, or when two share a kind
 */
export function discoverDomains(folder = FOLDER): DomainDefinition[] {
  const load = createRequire(__filename);
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const domains: DomainDefinition[] = [];
  for (const name of names.sort()) {
    const { default: domain } = load(path.join(folder, name, 'index')) as { default?: unknown };
    if (!isDomain(domain)) {
      throw new Error(
        `domains/${name} is no domain: the default export of its index must come from defineDomain`,
      );
    }
    if (domains.some(({ kind }) => kind === domain.kind)) {
      throw new Error(`domains/${name} has the kind ${domain.kind}, which another domain has already`);
    }
    domains.push(domain);
  }
  return domains;
}

function isDomain(value: unknown): value is DomainDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && 'featureSpec' in value;
}
