import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type DType, type Graph, sizeOf, type Tensor, writeModel } from '../onnx';
import { type Device, keepSinglePrecision, requireInstalled } from './devices';
import { fitToDevice } from './limit-parts';
import { unusableDevice } from './unusable-device';

export interface SessionOptions {
  /** `cpu` unless given. On a GPU, ops without a kernel there run on the CPU. */
  readonly device?: Device;
  /** Threads inside one op: 1 unless given. Several sessions of one thread serve better than one of several. */
  readonly threads?: number;
  /** Writes ONNX Runtime's profile of every op to a file that starts with this path. */
  readonly profileTo?: string;
  /** Loads the graph as it is, nothing fused or folded: sooner ready, slower to run. For what runs once. */
  readonly asWritten?: boolean;
}

export interface Port {
  readonly name: string;
  readonly dtype: string;
  /** Symbols where the size is free. */
  readonly shape: readonly (number | string)[];
}

export type Feeds = Readonly<Record<string, Tensor>>;

/**
 * A graph ready to run. `run` is a synchronous native call behind a promise: it blocks the calling thread, so
 * sessions belong in workers and children, never on a thread that serves requests.
 */
export class Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];

  private constructor(
    private readonly session: InferenceSession,
    readonly device: Device,
  ) {
    this.inputs = session.inputMetadata.map(portOf);
    this.outputs = session.outputMetadata.map(portOf);
  }

  /**
   * Writes a graph for the device and loads it; the graph is changed to fit first.
   *
   * @throws as `create`.
   */
  static compile(graph: Graph, options: SessionOptions = {}): Promise<Session> {
    fitToDevice(graph, options.device);
    return Session.create(writeModel(graph), options);
  }

  /**
   * @param model an ONNX file's bytes.
   * @throws AppError INVALID_CONFIGURATION when the device is not there, saying why and what to do; Error when the
   *   model does not load.
   */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const { device = 'cpu', threads = 1, profileTo, asWritten = false } = options;
    requireInstalled(device);
    keepSinglePrecision(device);
    const load = (executionProviders: readonly string[]): Promise<InferenceSession> =>
      InferenceSession.create(model, {
        executionProviders,
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: asWritten ? 'disabled' : 'all',
        logSeverityLevel: 3,
        ...(profileTo ? { enableProfiling: true, profileFilePrefix: profileTo } : {}),
      });
    if (device === 'cpu') return new Session(await load(['cpu']), device);
    try {
      return new Session(await load([device, 'cpu']), device);
    } catch (error) {
      // A model that is at fault itself fails here again, with its own message.
      await (await load(['cpu'])).release();
      throw unusableDevice(device, error);
    }
  }

  /**
   * @param feeds one tensor per input, of its type and shape; arrays are not copied.
   * @param outputs names of the outputs wanted: all unless given.
   * @throws TypeError naming the input that is missing, unknown, or of another type or shape.
   */
  async run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    this.check(feeds);
    const ortFeeds = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    const results = outputs ? await this.session.run(ortFeeds, outputs) : await this.session.run(ortFeeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, value]) => {
        if (!(value instanceof OrtTensor)) throw new TypeError(`the output ${name} is not a tensor`);
        return [name, fromOrt(value)];
      }),
    );
  }

  /** Frees the native session. */
  async close(): Promise<void> {
    await this.session.release();
  }

  /** Writes the profile that `profileTo` asked for. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  private check(feeds: Feeds): void {
    for (const name of Object.keys(feeds))
      if (!this.inputs.some((port) => port.name === name))
        throw new TypeError(
          `there is no input ${name}; the inputs are ${this.inputs.map((port) => port.name).join(', ')}`,
        );
    const symbols = new Map<string, { size: number; name: string }>();
    for (const port of this.inputs) {
      const tensor = feeds[port.name];
      if (!tensor) throw new TypeError(`the input ${describe(port)} is missing`);
      const wrong = (): TypeError =>
        new TypeError(`the input ${describe(port)} was given ${tensor.dtype}[${tensor.shape.join()}]`);
      if (tensor.dtype !== port.dtype || tensor.shape.length !== port.shape.length) throw wrong();
      if (sizeOf(tensor.shape) !== tensor.data.length)
        throw new TypeError(`${wrong().message} with ${tensor.data.length} elements`);
      port.shape.forEach((dim, axis) => {
        const size = tensor.shape[axis] ?? 0;
        if (typeof dim === 'number') {
          if (size !== dim) throw wrong();
          return;
        }
        const earlier = symbols.get(dim);
        if (earlier && earlier.size !== size && dim !== '')
          throw new TypeError(`${wrong().message}: ${dim} is ${earlier.size} in ${earlier.name}`);
        symbols.set(dim, { size, name: port.name });
      });
    }
  }
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) throw new TypeError(`${metadata.name} is not a tensor`);
  return { name: metadata.name, dtype: metadata.type, shape: metadata.shape };
}

function describe(port: Port): string {
  return `${port.name} ${port.dtype}[${port.shape.join()}]`;
}

function toOrt(tensor: Tensor): OrtTensor {
  if (tensor.dtype === 'string') return new OrtTensor('string', [...tensor.data], tensor.shape);
  return new OrtTensor(tensor.dtype as 'float32', tensor.data as Float32Array, tensor.shape);
}

const READABLE: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float64',
  'int32',
  'int64',
  'bool',
  'string',
]);

function fromOrt(tensor: OrtTensor): Tensor {
  if (!READABLE.has(tensor.type)) throw new TypeError(`tensors of ${tensor.type} are not used here`);
  return { dtype: tensor.type, shape: tensor.dims, data: tensor.data } as Tensor;
}
