import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type ObjectStore, type ObjectStores } from '../../../src/platform/artifacts/object-store';

/** Object stores for tests that need no second process. */
export class MemoryObjects implements ObjectStores {
  readonly named = new Map<string, Uint8Array>();
  readonly content = new Map<string, Uint8Array>();

  forTenant(tenantId: string): ObjectStore {
    const key = (name: string): string => `${tenantId}/${name}`;
    return {
      put: async (content) => {
        const bytes = content instanceof Uint8Array ? content : await buffer(content);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        this.content.set(key(sha256), bytes);
        return { sha256, bytes: bytes.length };
      },
      get: (sha256) => Promise.resolve(this.content.get(key(sha256)) ?? new Uint8Array()),
      localPath: (sha256) => Promise.resolve(`/${sha256}`),
      has: (sha256) => Promise.resolve(this.content.has(key(sha256))),
      delete: (sha256) => Promise.resolve(void this.content.delete(key(sha256))),
      putNamed: (name, bytes) => Promise.resolve(void this.named.set(key(name), bytes)),
      getNamed: (name) => Promise.resolve(this.named.get(key(name)) ?? null),
      deleteNamed: (name) => Promise.resolve(void this.named.delete(key(name))),
    };
  }
}
