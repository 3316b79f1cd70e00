import { useMemory } from './memory';

/** A process that trains the reference model, tells its parent how much memory that took, and ends. */
async function main(): Promise<void> {
  const [batch, threads] = process.argv.slice(2).map(Number);
  process.send?.(await useMemory(batch ?? 1, threads ?? 1));
}

void main();
