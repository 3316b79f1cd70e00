import { open } from 'node:fs/promises';

/** The first bytes of a file, or all of it. */
export async function readHead(path: string, length: number): Promise<Buffer> {
  return readAt(path, length, () => 0);
}

/** The last bytes of a file, or all of it. */
export async function readTail(path: string, length: number): Promise<Buffer> {
  return readAt(path, length, (size) => Math.max(0, size - length));
}

async function readAt(path: string, length: number, position: (size: number) => number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(length, size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position(size));
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
