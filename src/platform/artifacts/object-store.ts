import { type Readable } from 'node:stream';

export interface StoredObject {
  /** Content address: SHA-256 of the bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface PutOptions {
  /** Refuse larger content. */
  readonly maxBytes?: number;
  /** Refuse content with another digest. */
  readonly expectedSha256?: string;
}

/** The objects of one tenant. What is written is complete or absent, and never changes. */
export interface ObjectStore {
  /**
   * Stores content under its digest; storing it again changes nothing.
   * @throws AppError PAYLOAD_TOO_LARGE above `maxBytes`, INVALID_DATA for another digest, UNAVAILABLE when the store
   * cannot be written; nothing is left behind then
   */
  put(content: Readable | Uint8Array, options?: PutOptions): Promise<StoredObject>;
  /** @throws AppError NOT_FOUND when absent, UNAVAILABLE when what is stored is not what was written */
  get(sha256: string): Promise<Uint8Array>;
  /**
   * A local file with the object's content, verified, for programs that read files. It must not be changed.
   * @throws AppError as `get`
   */
  localPath(sha256: string): Promise<string>;
  has(sha256: string): Promise<boolean>;
  /** Removes content for good; what is absent stays so. Whoever reads it at the moment reads it to its end. */
  delete(sha256: string): Promise<void>;
  /** Stores a named object in place of the one of that name: complete or as it was. For checkpoints. */
  putNamed(name: string, bytes: Uint8Array): Promise<void>;
  /** The named object, or null when there is none or it is damaged. */
  getNamed(name: string): Promise<Uint8Array | null>;
  deleteNamed(name: string): Promise<void>;
}

/** Where the objects of all tenants are; each tenant's are apart. */
export interface ObjectStores {
  forTenant(tenantId: string): ObjectStore;
}
