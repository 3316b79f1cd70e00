import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, systemCodeOf } from '../../errors';

const fileSchema = z.strictObject({
  /** Ed25519, PKCS #8, PEM. */
  signingKey: z.string(),
  /** 32 bytes, base64. */
  pseudonymKey: z.base64().refine((text) => Buffer.from(text, 'base64').length === 32),
});

interface Secrets {
  readonly signingKey: KeyObject;
  readonly pseudonymKey: Buffer;
}

/**
 * The secrets of privacy: one that signs receipts, and one that makes pseudonyms. Both are in one file, which all processes
 * of an installation share.
 */
export class PrivacyKeys {
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
  /** Of the public key: SHA-256 of its DER, the first 16 hexadecimal digits. */
  readonly keyId: string;
  /** Of the secret behind the pseudonyms: processes with another one would not know who was erased. */
  readonly pseudonymKeyId: string;
  private readonly signingKey: KeyObject;
  private readonly pseudonymKey: Buffer;

  private constructor({ signingKey, pseudonymKey }: Secrets) {
    this.signingKey = signingKey;
    this.pseudonymKey = pseudonymKey;
    const publicKey = createPublicKey(signingKey);
    this.publicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.keyId = fingerprint(publicKey.export({ type: 'spki', format: 'der' }));
    this.pseudonymKeyId = fingerprint(createHmac('sha256', pseudonymKey).update('id').digest());
  }

  /**
   * Reads the file, and makes it first where there is none.
   * @throws AppError INVALID_CONFIGURATION when it can be neither read nor made
   */
  static async open(file: string): Promise<PrivacyKeys> {
    try {
      let secrets = await read(file);
      if (secrets === null) {
        await make(file);
        secrets = await read(file);
      }
      if (secrets === null) throw new Error('it is gone again');
      return new PrivacyKeys(secrets);
    } catch (error) {
      throw new AppError(
        'INVALID_CONFIGURATION',
        `the privacy keys in ${file} cannot be used (${systemCodeOf(error) || 'not what this program wrote'}): restore the file, or set PROPENSITY_PRIVACY_KEY_FILE to where it is`,
        [],
        { cause: error },
      );
    }
  }

  /** What stands for a subject in logs, audit entries and receipts: nobody without the key can tell whom it is of. */
  pseudonym(tenantId: string, subjectId: string): string {
    const key = createHmac('sha256', this.pseudonymKey).update(tenantId).digest();
    return `s_${createHmac('sha256', key).update(subjectId).digest('hex').slice(0, 32)}`;
  }

  /** An Ed25519 signature (RFC 8032) of a text's UTF-8 bytes, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.signingKey).toString('base64');
  }
}

function fingerprint(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

async function read(file: string): Promise<Secrets | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const { signingKey, pseudonymKey } = fileSchema.parse(JSON.parse(text));
  const key = createPrivateKey(signingKey);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the signing key is not of Ed25519');
  return { signingKey: key, pseudonymKey: Buffer.from(pseudonymKey, 'base64') };
}

/** Of several processes that begin at once, one makes the file, and all read it. */
async function make(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const content = {
    signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pseudonymKey: randomBytes(32).toString('base64'),
  };
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await link(unfinished, file).catch((error: unknown) => {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { force: true });
  }
}
