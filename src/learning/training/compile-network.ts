import { messageOf } from '../../errors';
import { type Device, installedDevices } from '../../engine/runtime';
import { InsufficientMemory } from '../../engine/training';
import { availableMemory } from './available-memory';
import { nvidiaCard } from './graphics-card';
import { NetworkProgram, type NetworkProgramOptions } from './network-program';

/**
 * Compiles a network for the device that is asked for, or for the best one that works.
 *
 * `auto` takes CUDA where it is installed and answers, and the CPU otherwise. WebGPU must be asked for by name:
 * behind it may be a software driver, slower than the CPU itself.
 *
 * On the CPU a network must fit into the memory that is free, and with CUDA into four fifths of the card's; what WebGPU
 * has is not known.
 *
 * @throws AppError INVALID_CONFIGURATION when the device cannot be used, INSUFFICIENT_MEMORY
 */
export async function compileNetwork(
  options: Omit<NetworkProgramOptions, 'device'> & { readonly device: Device | 'auto' },
): Promise<{ program: NetworkProgram; device: Device }> {
  const { device } = options;
  const { memoryBytes = Infinity } = options;
  const onCpu = {
    ...options,
    device: 'cpu',
    memoryBytes: Math.min(memoryBytes, availableMemory()),
  } as const;
  const onCuda = async () =>
    ({
      ...options,
      device: 'cuda',
      memoryBytes: Math.min(memoryBytes, (await nvidiaCard())?.memoryBytes ?? Infinity),
    }) as const;
  if (device === 'cpu') return { program: await NetworkProgram.compile(onCpu), device };
  if (device === 'webgpu') return { program: await NetworkProgram.compile({ ...options, device }), device };
  if (device === 'cuda') return { program: await NetworkProgram.compile(await onCuda()), device };
  if (installedDevices().includes('cuda')) {
    try {
      return { program: await NetworkProgram.compile(await onCuda()), device: 'cuda' };
    } catch (error) {
      // Installed, but no usable card or driver: that is what `auto` is for. Who runs the worker should know all the same.
      process.emitWarning(
        `trained on the CPU, because cuda cannot be used: ${messageOf(error)}`,
        'DeviceWarning',
      );
    }
  }
  return { program: await NetworkProgram.compile(onCpu), device: 'cpu' };
}

export { InsufficientMemory };
