import { type TrainModelOptions } from '../../learning/train-model';

/** What a training asks to be executed on. */
export const REQUESTED_DEVICES = ['AUTO', 'CPU', 'GPU'] as const;
export type RequestedDevice = (typeof REQUESTED_DEVICES)[number];

type Device = TrainModelOptions['device'];

/** What a worker that is set to `configured` trains on when a run asks for a device. */
export function deviceFor(requested: RequestedDevice, configured: Device): Device {
  if (requested === 'AUTO') return configured;
  if (requested === 'CPU') return 'cpu';
  // Named, so that nothing falls back to the CPU.
  return configured === 'webgpu' ? 'webgpu' : 'cuda';
}
