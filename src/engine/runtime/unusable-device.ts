import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { AppError, messageOf } from '../../errors';
import { type Device, installedDevices, providerLibrary } from './devices';

const LOAD =
  'try { process.dlopen({ exports: {} }, process.argv[1]) } catch (error) { console.log(error.message) }';
/** What Node says of a library that was loaded, and is no module of its own. */
const LOADED = 'Module did not self-register';

/**
 * What the system's linker says against a library; null when it loads. In a process of its own: loading runs the
 * library's own code.
 */
export function whyNotLoaded(library: string): string | null {
  const { stdout, signal, error } = spawnSync(process.execPath, ['-e', LOAD, library], { encoding: 'utf8' });
  if (error) return null;
  if (signal) return `loading ${library} ends in ${signal}`;
  const message = stdout.trim();
  return message === '' || message.startsWith(LOADED) ? null : message;
}

/** Installed devices whose driver is there, as far as the system's linker can say; the rest shows on use. */
export function usableDevices(): Device[] {
  const loads = (library: string): boolean => whyNotLoaded(library) === null;
  const cuda = providerLibrary('cuda');
  return installedDevices().filter((device) => {
    if (device === 'cpu' || process.platform !== 'linux') return true;
    if (device === 'webgpu') return loads('libvulkan.so.1');
    return loads('libcuda.so.1') && (cuda === null || loads(cuda));
  });
}

export interface Surroundings {
  readonly whyNotLoaded: (library: string) => string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Of CUDA. */
  readonly providerLibrary: string | null;
}

/**
 * Why an installed device failed to open a session, and what to do about it.
 *
 * ONNX Runtime's own messages name neither the missing library nor the driver, so the usual causes are looked for.
 */
export function unusableDevice(
  device: Device,
  cause: unknown,
  surroundings: Surroundings = {
    whyNotLoaded,
    environment: process.env,
    platform: process.platform,
    providerLibrary: providerLibrary('cuda'),
  },
): AppError {
  const found = surroundings.platform === 'linux' ? causeOn(device, cause, surroundings) : null;
  const explanation = found ?? `${plain(cause)}. See to the driver of its graphics card`;
  return new AppError(
    'INVALID_CONFIGURATION',
    `the device ${device} cannot be used here: ${explanation}, or choose cpu`,
    [],
    { cause },
  );
}

function causeOn(device: Device, cause: unknown, surroundings: Surroundings): string | null {
  if (device === 'cuda') return missingForCuda(surroundings);
  return /adapter/i.test(messageOf(cause)) ? missingForVulkan(surroundings) : null;
}

function missingForCuda({ whyNotLoaded, providerLibrary }: Surroundings): string | null {
  const driver = whyNotLoaded('libcuda.so.1');
  if (driver)
    return `there is no NVIDIA driver (${driver}). Install it (containers get it by \`--gpus all\`)`;
  const library = providerLibrary && whyNotLoaded(providerLibrary);
  if (library)
    return `ONNX Runtime's CUDA library cannot be loaded (${library}). Install CUDA 12 and cuDNN 9, and name their folders in LD_LIBRARY_PATH`;
  return null;
}

function missingForVulkan({ whyNotLoaded, environment }: Surroundings): string {
  const loader = whyNotLoaded('libvulkan.so.1');
  if (loader)
    return `there is no Vulkan loader (${loader}). Install it (Debian, Ubuntu: libvulkan1; Fedora: vulkan-loader) and the driver of the graphics card`;
  const variable = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => environment[name]);
  const named = variable ? (environment[variable] ?? '').split(':') : [];
  const absent = named.filter((file) => file !== '' && !existsSync(file));
  if (variable && absent.length > 0)
    return `${variable} names ${absent.join(', ')}, which does not exist. Name the file of a driver, or unset it`;
  return 'Vulkan has no graphics card that it could use. Install the driver of one (`vulkaninfo --summary` lists what there is; containers of NVIDIA cards need NVIDIA_DRIVER_CAPABILITIES=all)';
}

/** ONNX Runtime's message without the place in its sources. */
function plain(error: unknown): string {
  return messageOf(error)
    .replace(/^.* was false\. /s, '')
    .trim()
    .replace(/\.$/, '');
}
