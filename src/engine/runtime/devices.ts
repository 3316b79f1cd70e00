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
    return backend !== undefined && (backend.bundled || providerLibrary(device) !== null);
  });
}

/** Of what does not come with the package, and lies beside its binding once its installer has fetched it. */
export function providerLibrary(device: Device): string | null {
  const binaries = path.join(path.dirname(require.resolve('onnxruntime-node/package.json')), 'bin');
  const name = `libonnxruntime_providers_${device}.so`;
  const candidates = readdirSync(binaries).map((abi) =>
    path.join(binaries, abi, process.platform, process.arch, name),
  );
  return candidates.find((file) => existsSync(file)) ?? null;
}

/** @throws AppError INVALID_CONFIGURATION that says what is missing and how to get it. */
export function requireInstalled(device: Device): void {
  const installed = installedDevices();
  if (installed.includes(device)) return;
  const isBuilt = listSupportedBackends().some(({ name }) => name === device);
  const remedy =
    device === 'cuda' && isBuilt
      ? 'run `node node_modules/onnxruntime-node/script/install.js`, which downloads its library for CUDA 12'
      : 'ONNX Runtime has no build of it for this platform';
  throw new AppError(
    'INVALID_CONFIGURATION',
    `the device ${device} is not installed (there is ${installed.join(', ')}): ${remedy}`,
  );
}

/**
 * Called before a device's first session.
 *
 * ONNX Runtime lets CUDA multiply with the 10-bit mantissas of TF32, and its Node binding has no switch for that: what
 * is trained would differ from the exported model by more than a certificate allows. NVIDIA's libraries read the
 * variable when they are loaded; whoever sets it has chosen.
 */
export function keepSinglePrecision(device: Device): void {
  if (device === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
}
