import { type S3Client } from '@aws-sdk/client-s3';
import { type S3Sdk } from './s3-sdk';

export interface S3Settings {
  readonly bucket: string;
  /** What every key begins with: empty, or words that end in a slash. */
  readonly prefix: string;
  /** Null: Amazon's. */
  readonly endpoint: string | null;
  readonly region: string;
  /** The bucket in the path and not in the host's name. */
  readonly pathStyle: boolean;
}

export interface S3Patience {
  readonly connectMs: number;
  /** Of a connection on which nothing is heard. */
  readonly silenceMs: number;
  /** How often a request is sent before it has failed, with growing pauses between. */
  readonly attempts: number;
}

export const DEFAULT_PATIENCE: S3Patience = { connectMs: 5_000, silenceMs: 30_000, attempts: 5 };

/**
 * The client of one store. Credentials are found where all programs of this kind find them: the environment
 * (`AWS_ACCESS_KEY_ID` …), the shared credentials file, the role of the machine or the container.
 */
export function s3Client(sdk: S3Sdk, settings: S3Settings, patience: S3Patience): S3Client {
  return new sdk.S3Client({
    region: settings.region,
    ...(settings.endpoint !== null && { endpoint: settings.endpoint }),
    forcePathStyle: settings.pathStyle,
    maxAttempts: patience.attempts,
    retryMode: 'standard',
    // Content is verified by its SHA-256; other stores do not know Amazon's newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.silenceMs,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  });
}
