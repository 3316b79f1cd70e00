import { type AppError } from '../../errors';
import {
  BrokenFramesError,
  contentBytes,
  HEADER_BYTES,
  headerOf,
  type ObjectHeader,
  openFrames,
  sealFrames,
} from '../encryption/object-frames';
import { type ObjectKeys } from '../encryption/object-keys';
import { startOf } from './content';
import { type CopySource } from './local-copies';

/** Opened content: it may be read once, or closed. */
export interface OpenContent extends CopySource {
  /** Whether it is encrypted where it is stored. */
  readonly isSealed: boolean;
  readonly close: () => Promise<void>;
}

export interface Opening {
  /** As it was called when it was sealed. */
  readonly name: string;
  /** Told when what is stored is not what was sealed; what it returns is thrown. */
  readonly damaged: () => AppError;
}

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** How one tenant's objects lie in the store. */
export interface ObjectCipher {
  /**
   * What is to be stored of content, as it passes.
   * @param name asked for once, when all content has passed; what it throws is thrown
   */
  seal(chunks: Chunks, name: () => string): AsyncIterable<Uint8Array>;
  /** The content of what is stored, as it comes. What is in the clear passes as it is. */
  open(stored: CopySource, opening: Opening): Promise<OpenContent>;
}

type KeySource = Pick<ObjectKeys, 'sealing' | 'opening'>;

/** Makes the ciphers of tenants. */
export type ObjectCiphers = (tenantId: string) => ObjectCipher;

/** Stores in the clear, and opens nothing else. */
export const IN_THE_CLEAR: ObjectCiphers = (tenantId) => new TenantObjectCipher(tenantId, null, false);

/**
 * Encrypts objects with their tenants' data keys.
 * @param seals false: new objects are stored in the clear; those that are encrypted are opened all the same
 */
export function objectCiphers(keys: KeySource, { seals }: { readonly seals: boolean }): ObjectCiphers {
  return (tenantId) => new TenantObjectCipher(tenantId, keys, seals);
}

class TenantObjectCipher implements ObjectCipher {
  constructor(
    private readonly tenantId: string,
    private readonly keys: KeySource | null,
    private readonly seals: boolean,
  ) {}

  async *seal(chunks: Chunks, name: () => string): AsyncGenerator<Uint8Array> {
    if (this.keys && this.seals) {
      const key = await this.keys.sealing(this.tenantId);
      yield* sealFrames(chunks, key, { tenantId: this.tenantId, name });
    } else {
      yield* chunks;
      name();
    }
  }

  async open(stored: CopySource, opening: Opening): Promise<OpenContent> {
    const { first, whole, rest, close } = await startOf(stored.chunks, HEADER_BYTES);
    try {
      const header = headerOf(first);
      if (header === null) return { isSealed: false, bytes: stored.bytes, chunks: whole(), close };
      const chunks = await this.opened(rest(), header, opening);
      return { isSealed: true, bytes: contentBytes(stored.bytes), chunks, close };
    } catch (error) {
      await close();
      throw error instanceof BrokenFramesError ? opening.damaged() : error;
    }
  }

  private async opened(
    frames: AsyncIterable<Uint8Array>,
    header: ObjectHeader,
    { name, damaged }: Opening,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { tenantId } = this;
    const key = await this.keys?.opening(tenantId, header.keyId);
    if (!key) throw new BrokenFramesError(`the tenant has no data key ${header.keyId}`);
    return (async function* () {
      try {
        yield* openFrames(frames, { key, header, place: { tenantId, name } });
      } catch (error) {
        throw error instanceof BrokenFramesError ? damaged() : error;
      }
    })();
  }
}
