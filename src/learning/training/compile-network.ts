import { type Device, installedDevices } from '../../engine/runtime';
import { NetworkProgram, type NetworkProgramOptions } from './network-program';

/**
 * Compiles a network for the device that is asked for, or for the best one that works.
 *
 * `auto` takes CUDA where it is installed and answers, and the CPU otherwise. WebGPU must be asked for by name:
 * behind it may be a software driver, slower than the CPU itself.
 */
export async function compileNetwork(
  options: Omit<NetworkProgramOptions, 'device'> & { readonly device: Device | 'auto' },
): Promise<{ program: NetworkProgram; device: Device }> {
  const { device } = options;
  if (device !== 'auto') return { program: await NetworkProgram.compile({ ...options, device }), device };
  if (installedDevices().includes('cuda')) {
    try {
      return { program: await NetworkProgram.compile({ ...options, device: 'cuda' }), device: 'cuda' };
    } catch {
      // Installed, but no usable card or driver: that is what `auto` is for.
    }
  }
  return { program: await NetworkProgram.compile({ ...options, device: 'cpu' }), device: 'cpu' };
}
