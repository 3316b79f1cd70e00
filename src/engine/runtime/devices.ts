import { listSupportedBackends } from 'onnxruntime-node';
import { AppError } from '../../errors';

/** Where graphs run. `cuda` is NVIDIA on Linux x64; `webgpu` any GPU behind Vulkan, Metal or D3D12. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

/** The devices that this installation of ONNX Runtime was built for. Whether the hardware is there shows on use. */
export function installedDevices(): Device[] {
  const names = new Set(listSupportedBackends().map((backend) => backend.name));
  return DEVICES.filter((device) => names.has(device));
}

/** @throws AppError INVALID_CONFIGURATION that says what is missing and how to get it. */
export function requireInstalled(device: Device): void {
  if (installedDevices().includes(device)) return;
  const remedy =
    device === 'cuda'
      ? 'run `node node_modules/onnxruntime-node/script/install.js` on Linux x64 with CUDA 12 or 13 to download it'
      : 'this platform has no build of it';
  throw new AppError(
    'INVALID_CONFIGURATION',
    `the device ${device} is not installed (there is ${installedDevices().join(', ')}): ${remedy}`,
  );
}
