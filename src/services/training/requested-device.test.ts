import { deviceFor } from './requested-device';

it.each([
  ['AUTO', 'auto', 'auto'],
  ['AUTO', 'cpu', 'cpu'],
  ['AUTO', 'webgpu', 'webgpu'],
  ['CPU', 'cuda', 'cpu'],
  ['GPU', 'auto', 'cuda'],
  ['GPU', 'webgpu', 'webgpu'],
  ['GPU', 'cuda', 'cuda'],
] as const)('%s on a worker that is set to %s is %s', (requested, configured, device) => {
  expect(deviceFor(requested, configured)).toBe(device);
});
