import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describeWithVulkan } from '../../../test/support/devices/software-vulkan';
import { type Surroundings, unusableDevice, whyNotLoaded } from './unusable-device';

const opener = path.resolve(__dirname, '../../../dist/test/support/devices/open-device.js');

/** In a process of its own: what a driver breaks must not be jest. */
function open(device: string, environment: NodeJS.ProcessEnv): unknown {
  const { stdout } = spawnSync(process.execPath, [opener, device], { env: environment, encoding: 'utf8' });
  return JSON.parse(stdout);
}

const absent = { VK_ICD_FILENAMES: '/nowhere/driver.json', VK_DRIVER_FILES: undefined };
const withoutVulkan = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

test('without a driver, WebGPU is refused with what to do', () => {
  if (process.platform !== 'linux') return;
  expect(open('webgpu', { ...withoutVulkan, ...absent })).toEqual({
    code: 'INVALID_CONFIGURATION',
    message: expect.stringMatching(
      /^the device webgpu cannot be used here: .*\. (Install|Name) .*, or choose cpu$/,
    ) as string,
  });
});

describeWithVulkan('with a Vulkan loader', (environment) => {
  test('a driver file that does not exist is named', () => {
    expect(open('webgpu', { ...environment, ...absent })).toEqual({
      code: 'INVALID_CONFIGURATION',
      message:
        'the device webgpu cannot be used here: VK_ICD_FILENAMES names /nowhere/driver.json, which does not exist. ' +
        'Name the file of a driver, or unset it, or choose cpu',
    });
  });

  test('a driver that is there works', () => {
    expect(open('webgpu', environment)).toEqual({ sum: [2, 3] });
  });
});

describe('the reason', () => {
  const noAdapter = new Error(
    'webgpu_context.cc:136 Initialize() adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
  );
  const here: Surroundings = {
    whyNotLoaded: () => null,
    environment: {},
    platform: 'linux',
    providerLibrary: '/modules/libonnxruntime_providers_cuda.so',
  };
  const missing = (library: string) => (asked: string) =>
    asked.includes(library) ? `${library}: cannot open shared object file` : null;

  test.each<[string, string, Parameters<typeof unusableDevice>]>([
    [
      'no Vulkan loader',
      'there is no Vulkan loader (libvulkan.so.1: cannot open shared object file). Install it (Debian, Ubuntu: libvulkan1;',
      ['webgpu', noAdapter, { ...here, whyNotLoaded: missing('libvulkan.so.1') }],
    ],
    [
      'a loader without a card',
      'Vulkan has no graphics card that it could use.',
      ['webgpu', noAdapter, here],
    ],
    [
      'something else about WebGPU',
      'the device was lost. See to the driver of its graphics card, or choose cpu',
      ['webgpu', new Error('a.cc:1 f() x was false. the device was lost.\n'), here],
    ],
    [
      'no adapter elsewhere than on Linux',
      'Failed to get a WebGPU adapter: No supported adapters. See to the driver',
      ['webgpu', noAdapter, { ...here, platform: 'darwin' }],
    ],
    [
      'no NVIDIA driver',
      'there is no NVIDIA driver (libcuda.so.1: cannot open shared object file). Install it',
      [
        'cuda',
        new Error('Failed to load shared library'),
        { ...here, whyNotLoaded: missing('libcuda.so.1') },
      ],
    ],
    [
      'no CUDA libraries',
      "ONNX Runtime's CUDA library cannot be loaded (libonnxruntime_providers_cuda.so: cannot open shared object file). Install CUDA 12 and cuDNN 9",
      [
        'cuda',
        new Error('Failed to load shared library'),
        { ...here, whyNotLoaded: missing('libonnxruntime_providers_cuda.so') },
      ],
    ],
    [
      'something else about CUDA',
      'CUDA failure 100: no CUDA-capable device is detected. See to the driver of its graphics card',
      ['cuda', new Error('CUDA failure 100: no CUDA-capable device is detected'), here],
    ],
  ])('%s', (_name, expected, failure) => {
    const error = unusableDevice(...failure);
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain(`the device ${failure[0]} cannot be used here: ${expected}`);
    expect(error.cause).toBe(failure[1]);
  });
});

test('the linker is asked about libraries', () => {
  if (process.platform !== 'linux') return;
  expect(whyNotLoaded('libc.so.6')).toBeNull();
  expect(whyNotLoaded('libnothing.so.7')).toContain('libnothing.so.7: cannot open shared object file');
});
