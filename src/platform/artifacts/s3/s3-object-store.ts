import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Readable } from 'node:stream';
import { AppError } from '../../../errors';
import { isUuid } from '../../persistence/keyset';
import { discard } from '../atomic-file';
import { assertAddress, assertName, collected, IncomingContent, isAddress, notFound } from '../content';
import { type DamageReport, NO_REPORT } from '../damage-report';
import { type CopySource, type LocalCopies } from '../local-copies';
import { IN_THE_CLEAR, type ObjectCiphers } from '../object-cipher';
import { type ObjectStore, type ObjectStores, type PutOptions, type StoredObject } from '../object-store';
import { StoredForm } from '../stored-form';
import { S3Bucket } from './s3-bucket';
import { isBrokenConnection } from './s3-errors';
import { loadS3Sdk } from './s3-sdk';
import { DEFAULT_PATIENCE, type S3Patience, type S3Settings } from './s3-client';

const MIB = 1024 * 1024;

export interface S3StoresOptions extends S3Settings {
  /** Where content is on its way in, and where programs read it. */
  readonly copies: LocalCopies;
  /** Without them, objects are stored in the clear. */
  readonly ciphers?: ObjectCiphers;
  readonly onDamage?: DamageReport;
  readonly patience?: S3Patience;
}

/** Objects in a bucket of S3 or of a store that speaks its language; each tenant has a prefix. */
export class S3ObjectStores implements ObjectStores {
  private constructor(
    private readonly bucket: S3Bucket,
    private readonly options: S3StoresOptions,
  ) {}

  static async open(options: S3StoresOptions): Promise<S3ObjectStores> {
    const patience = options.patience ?? DEFAULT_PATIENCE;
    return new S3ObjectStores(new S3Bucket(await loadS3Sdk(), options, patience), options);
  }

  /**
   * Writes and removes an object.
   * @throws AppError INVALID_CONFIGURATION when that is not possible, UNAVAILABLE when the store cannot be reached
   */
  async check(): Promise<void> {
    const key = `checks/${randomUUID()}`;
    try {
      await this.bucket.put(key, Buffer.from('written to see whether it can be'));
      await this.bucket.delete(key);
    } catch (error) {
      if (!(error instanceof AppError) || isBrokenConnection(error.cause)) throw error;
      throw new AppError('INVALID_CONFIGURATION', `${error.message} (ARTIFACT_URL)`, [], { cause: error });
    }
  }

  forTenant(tenantId: string): ObjectStore {
    // The tenant becomes a prefix: nothing but an id may.
    if (!isUuid(tenantId)) throw new TypeError('a tenant id is a UUID');
    const { copies, ciphers = IN_THE_CLEAR, onDamage = NO_REPORT } = this.options;
    const form = new StoredForm({ tenantId, cipher: ciphers(tenantId), onDamage });
    return new S3ObjectStore(this.bucket, { tenantId, copies, form });
  }
}

interface TenantObjects {
  readonly tenantId: string;
  readonly copies: LocalCopies;
  readonly form: StoredForm;
}

class S3ObjectStore implements ObjectStore {
  constructor(
    private readonly bucket: S3Bucket,
    private readonly own: TenantObjects,
  ) {}

  async put(content: Readable | Uint8Array, options: PutOptions = {}): Promise<StoredObject> {
    const { copies, tenantId, form } = this.own;
    const incoming = new IncomingContent(content, options);
    if (content instanceof Uint8Array) {
      await incoming.drain();
      const sha256 = incoming.address();
      await this.bucket.put(this.keyOf(sha256), await collected(form.ofContent([content], () => sha256)));
      return { sha256, bytes: incoming.bytes };
    }
    // Its key is known once it has been read: until then it is on the disk.
    const spooled = await copies.spool(incoming.chunks());
    const { bytes } = incoming;
    try {
      const sha256 = incoming.address();
      const chunks = form.ofContent(chunksOf(spooled), () => sha256);
      await this.bucket.put(this.keyOf(sha256), { chunks, bytes });
      await copies.adopt(spooled, { tenantId, sha256 });
      return { sha256, bytes };
    } catch (error) {
      await discard(spooled);
      throw error;
    }
  }

  async get(sha256: string): Promise<Uint8Array> {
    return collected((await this.content(sha256)).chunks);
  }

  async localPath(sha256: string): Promise<string> {
    assertAddress(sha256);
    const { copies, tenantId } = this.own;
    return copies.get({ tenantId, sha256 }, () => this.content(sha256));
  }

  async has(sha256: string): Promise<boolean> {
    return isAddress(sha256) && this.bucket.has(this.keyOf(sha256));
  }

  async delete(sha256: string): Promise<void> {
    if (!isAddress(sha256)) return;
    await this.bucket.delete(this.keyOf(sha256));
    await this.own.copies.forget({ tenantId: this.own.tenantId, sha256 });
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    const key = this.keyOfNamed(name);
    await this.bucket.put(key, await collected(this.own.form.ofNamed(bytes, name)));
  }

  async getNamed(name: string): Promise<Uint8Array | null> {
    const stored = await this.bucket.get(this.keyOfNamed(name));
    return stored === null ? null : this.own.form.named(stored, name);
  }

  async deleteNamed(name: string): Promise<void> {
    await this.bucket.delete(this.keyOfNamed(name));
  }

  /** @throws AppError NOT_FOUND; its chunks throw UNAVAILABLE when they are not what was stored */
  private async content(sha256: string): Promise<CopySource> {
    assertAddress(sha256);
    const stored = await this.bucket.get(this.keyOf(sha256));
    if (stored === null) throw notFound(sha256);
    return this.own.form.content(stored, sha256);
  }

  private keyOf(sha256: string): string {
    return `${this.own.tenantId}/objects/${sha256}`;
  }

  private keyOfNamed(name: string): string {
    assertName(name);
    return `${this.own.tenantId}/named/${name}`;
  }
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file, { highWaterMark: MIB })) yield chunk as Uint8Array;
}
