import path from 'node:path';
import { z } from 'zod';
import { AppError, type Issue } from '../../errors';
import { ENCRYPTION_SETTINGS, type EncryptionConfig } from './encryption-settings';
import { GRAPHQL_SETTINGS, type GraphqlConfig } from './graphql-settings';
import { integer, oneOf, ratio, type Setting, url } from './setting';

const MIB = 1024 * 1024;
const POSTGRES_EXAMPLE = 'postgres://user:password@host:5432/database';

/** What a process is started with. Read once, at the border; nothing else looks at the environment. */
export interface Config extends EncryptionConfig, GraphqlConfig {
  /** Connection string of the role that owns the tables; null: embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Connection string of the application role; null: derived from the owner's. */
  readonly databaseAppUrl: string | null;
  /** Null: the job queue is in PostgreSQL. */
  readonly redisUrl: string | null;
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxUploadBytes: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Where datasets and artifacts are kept; null: inside the data directory. */
  readonly artifactUrl: string | null;
  /** Null: Amazon's. */
  readonly s3Endpoint: string | null;
  readonly s3Region: string;
  /** `auto`: with an endpoint of one's own. */
  readonly s3PathStyle: 'auto' | 'true' | 'false';
  /** Of working copies of what is stored in S3 or encrypted. */
  readonly copiesBytes: number;
  readonly workerName: string | null;
  readonly trainingDevice: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly inferenceThreads: number;
  /** Of the models held in memory, over all threads. */
  readonly inferenceCacheBytes: number;
  readonly trainingConcurrency: number;
  /** Of one run; null: what the machine has free. */
  readonly trainingMemoryBytes: number | null;
  /** Null: no metrics are told; 0: any free port. */
  readonly metricsPort: number | null;
  /** Of a collector that takes OTLP over HTTP; null: nothing is traced. */
  readonly tracesEndpoint: string | null;
  /** Of the traces that begin here, from 0 to 1. */
  readonly traceRatio: number;
  /** `public`: https on the public internet alone. */
  readonly webhookTargets: 'public' | 'any';
  /** `public`: https on the public internet alone. */
  readonly identityProviderTargets: 'public' | 'any';
  readonly platformAdminKey: string | null;
  /** Absolute path; null: inside the data directory. */
  readonly privacyKeyFile: string | null;
  /** Introspection is off unless it was set. */
  readonly production: boolean;
}

/** Every variable that is read. The parser and the table in the documentation both come from here. */
export const SETTINGS: { readonly [K in keyof Config]: Setting<Config[K]> } = {
  databaseUrl: {
    env: 'DATABASE_URL',
    fallback: null,
    fallbackText: 'embedded PostgreSQL in the data directory',
    meaning: 'PostgreSQL 14 or newer, as a role that owns its database and may create roles.',
    schema: url(['postgres:', 'postgresql:'], POSTGRES_EXAMPLE),
  },
  databaseAppUrl: {
    env: 'DATABASE_APP_URL',
    fallback: null,
    fallbackText: 'role `propensity_app`, made by the migrations',
    meaning:
      'The same database as the role that requests run as, which may own nothing and not bypass row-level security.',
    schema: url(['postgres:', 'postgresql:'], POSTGRES_EXAMPLE),
  },
  redisUrl: {
    env: 'REDIS_URL',
    fallback: null,
    fallbackText: 'jobs queue in PostgreSQL',
    meaning: 'Redis or Valkey for the job queue, for many workers on many machines.',
    schema: url(['redis:', 'rediss:'], 'redis://host:6379'),
  },
  artifactUrl: {
    env: 'ARTIFACT_URL',
    fallback: null,
    fallbackText: '`objects` in the data directory',
    meaning:
      'Folder, or bucket `s3://bucket/prefix`, for uploaded datasets and trained models, shared by the API and every worker.',
    schema: z.string().refine(isArtifactUrl, 'is not a URL of the form file:///folder or s3://bucket/prefix'),
  },
  s3Endpoint: {
    env: 'PROPENSITY_S3_ENDPOINT',
    fallback: null,
    fallbackText: "Amazon's",
    meaning:
      'Address of the S3-compatible server of `ARTIFACT_URL`. Credentials are found as by all AWS programs: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, the file in `AWS_SHARED_CREDENTIALS_FILE`, or the role of the machine.',
    schema: url(['http:', 'https:'], 'https://s3.example.com'),
  },
  s3Region: {
    env: 'PROPENSITY_S3_REGION',
    fallback: 'us-east-1',
    meaning: 'Region of the bucket; other servers than Amazon mostly take any.',
    schema: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a region, such as eu-central-1'),
  },
  s3PathStyle: {
    env: 'PROPENSITY_S3_PATH_STYLE',
    fallback: 'auto',
    meaning:
      "Whether the bucket is named in the path and not in the host's name: `true`, `false`, or `auto`, which is `true` with `PROPENSITY_S3_ENDPOINT`.",
    schema: oneOf('auto', 'true', 'false'),
  },
  copiesBytes: {
    env: 'PROPENSITY_CACHE_BYTES',
    fallback: 10 * 1024 * MIB,
    fallbackText: '10737418240 (10 GiB)',
    meaning:
      'Most disk, in `cache` in the data directory, for working copies of what is stored in S3 or encrypted; the one that was least recently used makes room, unless it was used within half an hour.',
    schema: integer(0, Number.MAX_SAFE_INTEGER),
  },
  host: {
    env: 'HOST',
    fallback: '127.0.0.1',
    meaning: 'Address that the API listens on.',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name, such as 0.0.0.0'),
  },
  port: {
    env: 'PORT',
    fallback: 4000,
    meaning: 'Port that the API listens on; 0 takes any free one.',
    schema: integer(0, 65_535),
  },
  dataDirectory: {
    env: 'PROPENSITY_DATA_DIRECTORY',
    fallback: path.resolve('.propensity'),
    fallbackText: '`.propensity` in the working directory',
    meaning:
      'Folder of the embedded database, uploaded datasets and trained models, and of what is being worked on.',
    schema: z
      .string()
      .refine((text) => !text.includes('\0'), 'must be a path')
      .transform((text) => path.resolve(text)),
  },
  maxUploadBytes: {
    env: 'PROPENSITY_MAX_UPLOAD_BYTES',
    fallback: 1024 * MIB,
    fallbackText: '1073741824 (1 GiB)',
    meaning: 'Largest upload; a compressed one may unpack to 16 times as much.',
    schema: integer(1, Number.MAX_SAFE_INTEGER),
  },
  logLevel: {
    env: 'PROPENSITY_LOG_LEVEL',
    fallback: 'info',
    meaning:
      'Least severe log line that is written: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  workerName: {
    env: 'PROPENSITY_WORKER_NAME',
    fallback: null,
    fallbackText: 'after its id',
    meaning: 'What a worker is called in the list of workers that platform administrators see.',
    schema: z.string().min(1).max(100),
  },
  trainingDevice: {
    env: 'PROPENSITY_TRAINING_DEVICE',
    fallback: 'auto',
    meaning: 'Where models are trained: `auto`, `cpu`, `webgpu` or `cuda`.',
    schema: oneOf('auto', 'cpu', 'webgpu', 'cuda'),
  },
  trainingConcurrency: {
    env: 'PROPENSITY_TRAINING_CONCURRENCY',
    fallback: 1,
    meaning: 'How many runs one worker process trains at the same time.',
    schema: integer(1, 64),
  },
  trainingMemoryBytes: {
    env: 'PROPENSITY_TRAINING_MEMORY_BYTES',
    fallback: null,
    fallbackText: 'four fifths of what is free',
    meaning:
      'Most memory that one run may take, where that is less than is free; what cannot fit is refused.',
    schema: integer(1, Number.MAX_SAFE_INTEGER),
  },
  inferenceThreads: {
    env: 'PROPENSITY_INFERENCE_THREADS',
    fallback: 2,
    meaning: 'How many threads of the API answer predictions.',
    schema: integer(1, 256),
  },
  inferenceCacheBytes: {
    env: 'PROPENSITY_INFERENCE_CACHE_BYTES',
    fallback: 512 * MIB,
    fallbackText: '536870912 (512 MiB)',
    meaning:
      'Most memory of the models that are loaded at a time; the one that was least recently used makes room.',
    schema: integer(MIB, Number.MAX_SAFE_INTEGER),
  },
  metricsPort: {
    env: 'PROPENSITY_METRICS_PORT',
    fallback: null,
    fallbackText: 'none',
    meaning:
      'Port of its own, on `HOST`, where a process tells its Prometheus metrics at `/metrics`; with `npm start` the worker takes the next one.',
    schema: integer(0, 65_535),
  },
  tracesEndpoint: {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    fallback: null,
    fallbackText: 'none',
    meaning:
      'Collector of OpenTelemetry traces by OTLP over HTTP, without `/v1/traces`; other `OTEL_EXPORTER_OTLP_*` are honoured.',
    schema: url(['http:', 'https:'], 'http://host:4318'),
  },
  traceRatio: {
    env: 'PROPENSITY_TRACE_RATIO',
    fallback: 1,
    meaning: 'Share of the requests that are traced, 0 to 1, where their `traceparent` does not say.',
    schema: ratio(),
  },
  webhookTargets: {
    env: 'PROPENSITY_WEBHOOK_TARGETS',
    fallback: 'public',
    meaning:
      'Where webhooks may lead: `public` is https on the public internet; `any` is also http, and private addresses.',
    schema: oneOf('public', 'any'),
  },
  identityProviderTargets: {
    env: 'PROPENSITY_IDENTITY_PROVIDER_TARGETS',
    fallback: 'public',
    meaning:
      'Where the identity providers of tenants may be: `public` is https on the public internet; `any` is also http, and private addresses: for development, or a platform that all of its tenants trust.',
    schema: oneOf('public', 'any'),
  },
  platformAdminKey: {
    env: 'PROPENSITY_PLATFORM_ADMIN_KEY',
    fallback: null,
    fallbackText: 'none',
    meaning: 'API key of the platform administrator, who creates tenants: `pk_` and 43 base64url characters.',
    schema: z
      .string()
      .regex(
        /^pk_[A-Za-z0-9_-]{43}$/,
        'must be "pk_" and 43 base64url characters, such as pk_$(openssl rand -base64 32 | tr "+/" "-_" | tr -d "=")',
      ),
  },
  privacyKeyFile: {
    env: 'PROPENSITY_PRIVACY_KEY_FILE',
    fallback: null,
    fallbackText: '`privacy-keys.json` in the data directory',
    meaning:
      'File of the keys that sign receipts of erasures and make pseudonyms, the same for the API and every worker; made where there is none.',
    schema: z
      .string()
      .refine((text) => !text.includes('\0'), 'must be a path')
      .transform((text) => path.resolve(text)),
  },
  ...ENCRYPTION_SETTINGS,
  ...GRAPHQL_SETTINGS,
  production: {
    env: 'NODE_ENV',
    fallback: false,
    fallbackText: '`development`',
    meaning: 'With `production`, the schema stays inside, unless `PROPENSITY_INTROSPECTION` says otherwise.',
    schema: z.string().transform((text) => text === 'production'),
  },
};

/** A folder of this machine, or a bucket with or without a prefix; nothing else may be in it. */
function isArtifactUrl(text: string): boolean {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed?.protocol === 'file:') return parsed.host === '';
  return /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9_.-]+)*\/?$/.test(text);
}

/** Our own variables start with this, so that a misspelt one can be told from somebody else's. */
const PREFIX = 'PROPENSITY_';

/**
 * Reads the configuration.
 * @throws AppError INVALID_CONFIGURATION with an issue for every variable that is wrong, all at once
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const issues: Issue[] = unknownVariables(env);
  const read = <T>(setting: Setting<T>): T => {
    const text = env[setting.env]?.trim() ?? '';
    if (text === '') return setting.fallback;
    const result = setting.schema.safeParse(text);
    if (result.success) return result.data;
    issues.push({ path: setting.env, message: result.error.issues[0]?.message ?? 'is invalid' });
    return setting.fallback;
  };
  const entries = Object.entries(SETTINGS as Record<string, Setting<unknown>>);
  // Every key of the configuration has its setting: the type of SETTINGS says so.
  const config = Object.fromEntries(
    entries.map(([name, setting]) => [name, read(setting)]),
  ) as unknown as Config;
  if (issues.length > 0) {
    const lines = issues.map(({ path: name, message }) => `${name} ${message}`);
    throw new AppError('INVALID_CONFIGURATION', lines.join('\n'), issues);
  }
  return config;
}

/** The documentation's table of variables, in Markdown. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS as Record<string, Setting<unknown>>).map(
    ({ env, fallback, fallbackText, meaning }) =>
      `| \`${env}\` | ${fallbackText ?? `\`${String(fallback)}\``} | ${meaning} |`,
  );
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function unknownVariables(env: NodeJS.ProcessEnv): Issue[] {
  const known = Object.values(SETTINGS).map(({ env: name }) => name);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => ({
      path: name,
      message: `is not a setting; the settings are ${known.filter((other) => other.startsWith(PREFIX)).join(', ')}`,
    }));
}
