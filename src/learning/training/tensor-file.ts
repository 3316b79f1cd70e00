import { createHash } from 'node:crypto';

/** A float32 tensor under its name, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const MAGIC = 0x50724b31;
const DIGEST_BYTES = 32;
const PREFIX_BYTES = 8;

/**
 * One file of a JSON header and float32 tensors: magic, header length, header, tensor data, SHA-256 of all before.
 * Little-endian, as every platform that ONNX Runtime supports is.
 */
export function encodeTensorFile(meta: unknown, tensors: readonly NamedTensor[]): Uint8Array {
  const header = Buffer.from(
    JSON.stringify({ meta, tensors: tensors.map(({ name, dims }) => ({ name, dims })) }),
    'utf8',
  );
  const dataBytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = Buffer.alloc(PREFIX_BYTES + header.length + dataBytes + DIGEST_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(header.length, 4);
  header.copy(bytes, PREFIX_BYTES);
  let offset = PREFIX_BYTES + header.length;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  digest(bytes.subarray(0, offset)).copy(bytes, offset);
  return bytes;
}

/** The inverse; null when the bytes are not such a file, whole and undamaged. The header's meta is not checked. */
export function decodeTensorFile(bytes: Uint8Array): { meta: unknown; tensors: NamedTensor[] } | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < PREFIX_BYTES + DIGEST_BYTES || file.readUInt32LE(0) !== MAGIC) return null;
  const end = file.length - DIGEST_BYTES;
  if (!digest(file.subarray(0, end)).equals(file.subarray(end))) return null;
  const dataStart = PREFIX_BYTES + file.readUInt32LE(4);
  const header = JSON.parse(file.toString('utf8', PREFIX_BYTES, dataStart)) as {
    meta: unknown;
    tensors: { name: string; dims: number[] }[];
  };
  let offset = dataStart;
  const tensors = header.tensors.map(({ name, dims }) => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    // Copied into a buffer of its own: the file's offsets need not be multiples of four.
    const data = new Float32Array(length);
    new Uint8Array(data.buffer).set(file.subarray(offset, offset + length * 4));
    offset += length * 4;
    return { name, dims, data };
  });
  return { meta: header.meta, tensors };
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
