import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { AppError } from '../../errors';

/** Where graphs run. `cuda` is NVIDIA on Linux x64; `webgpu` any GPU behind Vulkan, Metal or D3D12. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

/** The devices whose libraries are installed. Whether the hardware is there shows on use. */
export function installedDevices(): Device[] {
  const backends = listSupportedBackends();
  return DEVICES.filter((device) => {
    const backend = backends.find(({ name }) => name === device);
    return backend !== undefined && (backend.bundled || providerIsDownloaded(device));
  });
}

/** What does not come with the package lies beside its binding once its installer has fetched it. */
function providerIsDownloaded(device: Device): boolean {
  const root = path.dirname(require.resolve('onnxruntime-node/package.json'));
  const library = `libonnxruntime_providers_${device}.so`;
  return readdirSync(path.join(root, 'bin')).some((abi) =>
    existsSync(path.join(root, 'bin', abi, process.platform, process.arch, library)),
  );
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
