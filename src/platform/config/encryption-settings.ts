import path from 'node:path';
import { z } from 'zod';
import { type Setting } from './setting';

/** Where the master keys are. */
export interface EncryptionConfig {
  /** Master keys between commas, the newest first; null: in a file. */
  readonly masterKey: string | null;
  /** Absolute path; null: inside the data directory. */
  readonly masterKeyFile: string | null;
}

export const ENCRYPTION_SETTINGS: { readonly [K in keyof EncryptionConfig]: Setting<EncryptionConfig[K]> } = {
  masterKey: {
    env: 'PROPENSITY_MASTER_KEY',
    fallback: null,
    fallbackText: 'in the file',
    meaning:
      "Master key that wraps tenants' encryption keys, 32 bytes in base64, the same for the API and every worker; when it is rotated, the newest before the others, between commas.",
    schema: z
      .string()
      .regex(
        /^[A-Za-z0-9+/]{43}=(,[A-Za-z0-9+/]{43}=)*$/,
        'must be 32 bytes in base64, such as $(openssl rand -base64 32), or several of them between commas',
      ),
  },
  masterKeyFile: {
    env: 'PROPENSITY_MASTER_KEY_FILE',
    fallback: null,
    fallbackText: '`master-keys` in the data directory',
    meaning:
      'File of the master keys, one a line, the newest first, the same for the API and every worker; made where there is none.',
    schema: z
      .string()
      .refine((text) => !text.includes('\0'), 'must be a path')
      .transform((text) => path.resolve(text)),
  },
};
