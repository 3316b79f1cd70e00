import path from 'node:path';
import { z } from 'zod';
import { integer, oneOf, origins, type Setting } from './setting';

/** What requests to the GraphQL API may ask for, and from where. */
export interface GraphqlConfig {
  readonly maxRequestBytes: number;
  readonly maxOperationTokens: number;
  readonly maxOperationDepth: number;
  readonly maxOperationFields: number;
  readonly maxOperationAliases: number;
  readonly maxOperationDirectives: number;
  readonly maxRootFields: number;
  readonly maxOperationCost: number;
  readonly requestTimeoutMs: number;
  /** Whether the schema can be asked for; `auto`: not in production. */
  readonly introspection: 'auto' | 'on' | 'off';
  readonly corsOrigins: '*' | readonly string[];
  /** Absolute path. */
  readonly persistedOperations: string | null;
  readonly onlyPersistedOperations: boolean;
  readonly requestsPerMinute: number;
  readonly predictionsPerMinute: number;
}

const MIB = 1024 * 1024;

export const GRAPHQL_SETTINGS: { readonly [K in keyof GraphqlConfig]: Setting<GraphqlConfig[K]> } = {
  maxRequestBytes: {
    env: 'PROPENSITY_MAX_REQUEST_BYTES',
    fallback: 4 * MIB,
    fallbackText: '4194304 (4 MiB)',
    meaning: 'Largest GraphQL request, variables included.',
    schema: integer(1_024, 64 * MIB),
  },
  maxOperationTokens: {
    env: 'PROPENSITY_MAX_OPERATION_TOKENS',
    fallback: 5_000,
    meaning: 'Most tokens of a GraphQL document; variables do not count.',
    schema: integer(10, 20_000),
  },
  maxOperationDepth: {
    env: 'PROPENSITY_MAX_OPERATION_DEPTH',
    fallback: 15,
    meaning: 'Deepest nesting of fields in an operation.',
    schema: integer(1, 100),
  },
  maxOperationFields: {
    env: 'PROPENSITY_MAX_OPERATION_FIELDS',
    fallback: 1_000,
    meaning: 'Most fields of an operation, with its fragments written out.',
    schema: integer(1, 10_000),
  },
  maxOperationAliases: {
    env: 'PROPENSITY_MAX_OPERATION_ALIASES',
    fallback: 30,
    meaning: 'Most aliases of an operation, with its fragments written out.',
    schema: integer(0, 10_000),
  },
  maxOperationDirectives: {
    env: 'PROPENSITY_MAX_OPERATION_DIRECTIVES',
    fallback: 30,
    meaning: 'Most directives of an operation, with its fragments written out.',
    schema: integer(0, 10_000),
  },
  maxRootFields: {
    env: 'PROPENSITY_MAX_ROOT_FIELDS',
    fallback: 20,
    meaning: 'Most queries or mutations in one operation.',
    schema: integer(1, 1_000),
  },
  maxOperationCost: {
    env: 'PROPENSITY_MAX_OPERATION_COST',
    fallback: 10_000,
    meaning: 'Highest cost of an operation; docs/security.md says how costs are counted.',
    schema: integer(1, 10_000_000),
  },
  requestTimeoutMs: {
    env: 'PROPENSITY_REQUEST_TIMEOUT_MS',
    fallback: 30_000,
    meaning: 'Longest that a GraphQL request may take, in milliseconds.',
    schema: integer(100, 600_000),
  },
  introspection: {
    env: 'PROPENSITY_INTROSPECTION',
    fallback: 'auto',
    meaning:
      'Whether the schema can be asked for, and errors suggest names of it: `on`, `off`, or `auto`, which is off with `NODE_ENV=production`.',
    schema: oneOf('auto', 'on', 'off'),
  },
  corsOrigins: {
    env: 'PROPENSITY_CORS_ORIGINS',
    fallback: [],
    fallbackText: 'none',
    meaning:
      'Origins whose pages may use the API from a browser, between commas, such as `https://app.example.com`; `*` for all.',
    schema: origins(),
  },
  persistedOperations: {
    env: 'PROPENSITY_PERSISTED_OPERATIONS',
    fallback: null,
    fallbackText: 'none',
    meaning: 'Manifest (`.json`), or folder of `.graphql` files, of operations that clients ask for by id.',
    schema: z
      .string()
      .refine((text) => !text.includes('\0'), 'must be a path')
      .transform((text) => path.resolve(text)),
  },
  onlyPersistedOperations: {
    env: 'PROPENSITY_ONLY_PERSISTED_OPERATIONS',
    fallback: false,
    meaning: 'With `true`, no other operation is executed.',
    schema: oneOf('true', 'false').transform((text) => text === 'true'),
  },
  requestsPerMinute: {
    env: 'PROPENSITY_REQUESTS_PER_MINUTE',
    fallback: 10_000,
    meaning: 'Most requests of a tenant in a minute, over all API processes.',
    schema: integer(1, 1_000_000_000),
  },
  predictionsPerMinute: {
    env: 'PROPENSITY_PREDICTIONS_PER_MINUTE',
    fallback: 1_000_000,
    meaning: 'Most predictions of a tenant in a minute, over all API processes.',
    schema: integer(1, 1_000_000_000),
  },
};
