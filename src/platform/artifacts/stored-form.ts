import { type AppError } from '../../errors';
import { behindDigest, collected, digestOf, verified } from './content';
import { DamagedObjectError, type DamageReport } from './damage-report';
import { type CopySource } from './local-copies';
import { type Chunks, type ObjectCipher, type OpenContent } from './object-cipher';

export interface StoredFormOptions {
  readonly tenantId: string;
  readonly cipher: ObjectCipher;
  readonly onDamage: DamageReport;
}

/** How one tenant's objects are written into a store and read from it, whatever kind of store it is. */
export class StoredForm {
  constructor(private readonly options: StoredFormOptions) {}

  /**
   * What is to be stored of content, as it passes.
   * @param address of the content, asked for once at its end; what it throws is thrown
   */
  ofContent(chunks: Chunks, address: () => string): AsyncIterable<Uint8Array> {
    return this.options.cipher.seal(chunks, () => contentName(address()));
  }

  /** What is to be stored of a named object: it comes behind its digest. */
  ofNamed(bytes: Uint8Array, name: string): AsyncIterable<Uint8Array> {
    return this.options.cipher.seal([digestOf(bytes), bytes], () => objectName(name));
  }

  /** Content that is stored. @throws AppError UNAVAILABLE when it is not what was written; so do its chunks */
  async content(stored: CopySource, sha256: string): Promise<OpenContent> {
    const damaged = (): AppError => this.damage(sha256);
    const content = await this.options.cipher.open(stored, { name: contentName(sha256), damaged });
    return { ...content, chunks: verified(content.chunks, sha256, damaged) };
  }

  /** A named object that is stored; null when it is not what was written. */
  async named(stored: CopySource, name: string): Promise<Uint8Array | null> {
    const damaged = (): AppError => this.damage(name);
    try {
      const { chunks } = await this.options.cipher.open(stored, { name: objectName(name), damaged });
      const bytes = behindDigest(await collected(chunks));
      if (bytes === null) damaged();
      return bytes;
    } catch (error) {
      if (error instanceof DamagedObjectError) return null;
      throw error;
    }
  }

  /** Tells whoever runs the platform; returned for whoever asked for the object. */
  damage(object: string): AppError {
    this.options.onDamage({ tenantId: this.options.tenantId, object });
    return new DamagedObjectError(object);
  }
}

function contentName(sha256: string): string {
  return `content ${sha256}`;
}

function objectName(name: string): string {
  return `named ${name}`;
}
