import { cpus } from 'node:os';
import { type Device, usableDevices } from '../../engine/runtime';
import { nvidiaCard } from '../../learning/training/graphics-card';
import { largestMemory } from '../../learning/training/available-memory';

/** A device that a worker trains on. */
export interface WorkerDevice {
  readonly device: Device;
  /** What the machine calls it; null where that is not known. */
  readonly name: string | null;
  /** What one job may take there; null where that is not known. */
  readonly memoryBytes: number | null;
}

export interface DeviceSettings {
  readonly trainingDevice: Device | 'auto';
  readonly trainingMemoryBytes: number | null;
}

/** What a worker with these settings can train on: the CPU, and the graphics card that it is set to use. */
export async function workerDevices({
  trainingDevice,
  trainingMemoryBytes,
}: DeviceSettings): Promise<WorkerDevice[]> {
  const atMost = (bytes: number): number => Math.min(bytes, trainingMemoryBytes ?? Infinity);
  const cpu = {
    device: 'cpu',
    name: cpus()[0]?.model.trim() ?? null,
    memoryBytes: atMost(largestMemory()),
  } as const;
  // Never WebGPU by itself: behind that may be a CPU again.
  const wanted = trainingDevice === 'auto' ? 'cuda' : trainingDevice;
  if (wanted === 'cpu' || !usableDevices().includes(wanted)) return [cpu];
  const card = wanted === 'cuda' ? await nvidiaCard() : null;
  const memoryBytes = card ? atMost(card.memoryBytes) : trainingMemoryBytes;
  return [cpu, { device: wanted, name: card?.name ?? null, memoryBytes }];
}
