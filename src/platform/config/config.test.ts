import path from 'node:path';
import { AppError } from '../../errors';
import { loadConfig, SETTINGS, settingsTable } from './config';

/** What is wrong with an environment: the message, line by line. */
function problems(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_CONFIGURATION') return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    expect(loadConfig({ PATH: '/bin' })).toMatchObject({
      databaseUrl: null,
      redisUrl: null,
      dataDirectory: path.resolve('.propensity'),
      host: '127.0.0.1',
      port: 4000,
      trainingDevice: 'auto',
      production: false,
    });
  });

  it('reads every variable', () => {
    const key = `pk_${'a'.repeat(43)}`;
    const config = loadConfig({
      DATABASE_URL: ' postgresql://u:p@h/d ',
      DATABASE_APP_URL: 'postgres://app:p@h/d',
      REDIS_URL: 'rediss://h:6380/1',
      ARTIFACT_URL: 'file:///srv/objects',
      HOST: '::',
      PORT: '0',
      PROPENSITY_DATA_DIRECTORY: 'data',
      PROPENSITY_MAX_UPLOAD_BYTES: '1000',
      PROPENSITY_LOG_LEVEL: 'debug',
      PROPENSITY_TRAINING_DEVICE: 'webgpu',
      PROPENSITY_TRAINING_CONCURRENCY: '2',
      PROPENSITY_TRAINING_MEMORY_BYTES: '2000000000',
      PROPENSITY_INFERENCE_THREADS: '3',
      PROPENSITY_PLATFORM_ADMIN_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      PROPENSITY_TRACE_RATIO: '0.25',
      NODE_ENV: 'production',
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgresql://u:p@h/d',
      databaseAppUrl: 'postgres://app:p@h/d',
      redisUrl: 'rediss://h:6380/1',
      artifactUrl: 'file:///srv/objects',
      host: '::',
      port: 0,
      dataDirectory: path.resolve('data'),
      maxUploadBytes: 1000,
      logLevel: 'debug',
      trainingDevice: 'webgpu',
      trainingConcurrency: 2,
      trainingMemoryBytes: 2_000_000_000,
      inferenceThreads: 3,
      platformAdminKey: key,
      tracesEndpoint: 'http://collector:4318',
      traceRatio: 0.25,
      production: true,
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig({ DATABASE_URL: '', PORT: '  ' })).toEqual(loadConfig({}));
  });

  it.each(['s3://bucket', 's3://bucket/', 's3://a-bucket.eu/some/folder', 'file:///srv/objects'])(
    'takes the artifact URL %s',
    (artifactUrl) => {
      expect(loadConfig({ ARTIFACT_URL: artifactUrl })).toMatchObject({ artifactUrl });
    },
  );

  it.each([
    [
      'DATABASE_URL',
      'localhost:5432/db',
      'is not a URL of the form postgres://user:password@host:5432/database',
    ],
    [
      'DATABASE_URL',
      'mysql://u:p@h/d',
      'is not a URL of the form postgres://user:password@host:5432/database',
    ],
    [
      'DATABASE_URL',
      'postgres://u:p@h:port/d',
      'is not a URL of the form postgres://user:password@host:5432/database',
    ],
    ['DATABASE_URL', 'postgres://', 'is not a URL of the form postgres://user:password@host:5432/database'],
    ['REDIS_URL', 'http://h', 'is not a URL of the form redis://host:6379'],
    ['ARTIFACT_URL', 's3://', 'is not a URL of the form file:///folder or s3://bucket/prefix'],
    [
      'ARTIFACT_URL',
      's3://key:secret@bucket',
      'is not a URL of the form file:///folder or s3://bucket/prefix',
    ],
    ['ARTIFACT_URL', 's3://bucket?x=1', 'is not a URL of the form file:///folder or s3://bucket/prefix'],
    ['PROPENSITY_S3_ENDPOINT', 's3.example.com', 'is not a URL of the form https://s3.example.com'],
    ['PROPENSITY_S3_PATH_STYLE', 'yes', 'must be one of auto, true, false'],
    ['ARTIFACT_URL', 'file://host/folder', 'is not a URL of the form file:///folder or s3://bucket/prefix'],
    ['PORT', 'http', 'must be a whole number from 0 to 65535'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['PORT', '4e3', 'must be a whole number from 0 to 65535'],
    ['HOST', 'http://h', 'must be an address or a host name, such as 0.0.0.0'],
    ['PROPENSITY_LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
    ['PROPENSITY_TRAINING_DEVICE', 'tpu', 'must be one of auto, cpu, webgpu, cuda'],
    ['PROPENSITY_TRAINING_MEMORY_BYTES', '2G', 'must be a whole number from 1 to 9007199254740991'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://h:4317', 'is not a URL of the form http://host:4318'],
    ['PROPENSITY_TRACE_RATIO', '1.5', 'must be a number from 0 to 1, such as 0.1'],
    ['PROPENSITY_TRACE_RATIO', '10%', 'must be a number from 0 to 1, such as 0.1'],
    ['PROPENSITY_INFERENCE_THREADS', '0', 'must be a whole number from 1 to 256'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(problems({ [name]: value })).toEqual([`${name} ${message}`]);
  });

  it('reports everything at once and repeats no secret', () => {
    const lines = problems({
      DATABASE_URL: 'postgres//u:secret@h',
      PORT: 'x',
      PROPENSITY_PLATFORM_ADMIN_KEY: 'secret',
      PROPENSITY_DATADIR: '/x',
    });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'PROPENSITY_DATADIR',
      'DATABASE_URL',
      'PORT',
      'PROPENSITY_PLATFORM_ADMIN_KEY',
    ]);
    expect(lines.join()).not.toContain('secret');
  });
});

describe('settingsTable', () => {
  it('has a row for every variable', () => {
    const lines = settingsTable().split('\n');
    expect(lines).toHaveLength(2 + Object.keys(SETTINGS).length);
    expect(lines).toContain('| `PORT` | `4000` | Port that the API listens on; 0 takes any free one. |');
  });
});
