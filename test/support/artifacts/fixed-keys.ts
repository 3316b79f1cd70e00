import { createHash } from 'node:crypto';
import { type ObjectKey } from '../../../src/platform/encryption/object-frames';
import { type ObjectKeys } from '../../../src/platform/encryption/object-keys';

/** Keys of tenants without a database: each has one, another after a rotation, and opens with those that it had. */
export class FixedKeys implements Pick<ObjectKeys, 'sealing' | 'opening'> {
  private generation = 1;

  sealing(tenantId: string): Promise<ObjectKey> {
    return Promise.resolve(keyOf(tenantId, this.generation));
  }

  opening(tenantId: string, id: string): Promise<ObjectKey | null> {
    const generations = Array.from({ length: this.generation }, (_, index) => index + 1);
    const keys = generations.map((generation) => keyOf(tenantId, generation));
    return Promise.resolve(keys.find((key) => key.id === id) ?? null);
  }

  rotate(): void {
    this.generation += 1;
  }
}

function keyOf(tenantId: string, generation: number): ObjectKey {
  const digest = (what: string): Buffer =>
    createHash('sha256').update(`${what} ${tenantId} ${generation}`).digest();
  const hex = digest('id').toString('hex');
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return { id: id.join('-'), bytes: digest('key') };
}
