import { existsSync } from 'node:fs';
import path from 'node:path';
import { whyNotLoaded } from '../../../src/engine/runtime';

/** Where Chromium and Chrome keep SwiftShader, a Vulkan driver that runs on the CPU, and a Vulkan loader beside it. */
const FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
];
const LOADER = 'libvulkan.so.1';
const VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

/**
 * The environment in which a process finds a Vulkan driver: the one that is named already, or SwiftShader; null where
 * there is neither.
 */
export function vulkanEnvironment(): NodeJS.ProcessEnv | null {
  if (VARIABLES.some((name) => process.env[name])) return process.env;
  const folder = FOLDERS.find((candidate) => existsSync(driverIn(candidate)));
  if (folder === undefined) return null;
  return { ...process.env, ...loaderFrom(folder), VK_ICD_FILENAMES: driverIn(folder) };
}

/** A suite that needs a Vulkan driver; reported as skipped, by name, where there is none. */
export function describeWithVulkan(name: string, suite: (environment: NodeJS.ProcessEnv) => void): void {
  const environment = vulkanEnvironment();
  if (environment) describe(name, () => suite(environment));
  else describe.skip(`${name} (needs a Vulkan driver: chromium brings one)`, () => suite({}));
}

const driverIn = (folder: string): string => path.join(folder, 'vk_swiftshader_icd.json');

/** The folder's own loader, where it has one and the system has none. */
export function loaderFrom(folder: string): { LD_LIBRARY_PATH?: string } {
  if (!existsSync(path.join(folder, LOADER)) || !whyNotLoaded(LOADER)) return {};
  const known = process.env['LD_LIBRARY_PATH'];
  return { LD_LIBRARY_PATH: known ? `${known}:${folder}` : folder };
}

/** A loader's file on this machine; null where there is none. */
export function vulkanLoader(): string | null {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', ...FOLDERS];
  return folders.map((folder) => path.join(folder, LOADER)).find((file) => existsSync(file)) ?? null;
}
