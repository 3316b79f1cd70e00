import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { networkPorts } from '../../src/learning/architectures/network';
import { type TrainingChunk } from '../../src/learning/training/trainable';
import { type Runner, type TimedRun, timedRun } from './timed-run';
import { type Workload } from './workload';

export const PEER_NAME = 'pytorch-eager-fused';

const hello = z.union([
  z.object({ version: z.string(), maxRssBytes: z.number() }),
  z.object({ error: z.string() }),
]);
const built = z.object({ parameters: z.int() });
const ran = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  loss: z.number(),
  maxRssBytes: z.number(),
});

/** One batch after another, each as large as the next. */
type Batches = Pick<TrainingChunk, 'examples' | 'steps'>;

const CALIBRATION_STEPS = 3;

/** PyTorch in a Python process of its own, which builds and trains what it is told to. */
export class TorchPeer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    /** Of PyTorch. */
    readonly version: string,
    /** Resident memory before anything is built. */
    readonly idleBytes: number,
  ) {}

  /** @returns why there is none, where `python3` cannot import PyTorch or PyTorch cannot use the device. */
  static async start(
    threads: number,
    device: 'cpu' | 'cuda' = 'cpu',
  ): Promise<TorchPeer | { readonly absent: string }> {
    const child = spawn('python3', [scriptPath(), String(threads), device], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      return { absent: `python3 cannot be started (${String(error)})` };
    }
    // A process that has ended is noticed by what it no longer answers.
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    const answer = hello.parse(first.done ? { error: 'python3 ended early' } : JSON.parse(first.value));
    if ('version' in answer) return new TorchPeer(child, lines, answer.version, answer.maxRssBytes);
    return { absent: answer.error };
  }

  /**
   * Builds the workload's network there, on the same batches, and warms it up.
   *
   * @param options.seconds how long a run takes, about.
   */
  async prepare(
    workload: Workload,
    batches: Batches,
    options: { readonly batch: number; readonly seconds: number },
  ): Promise<TorchRunner> {
    const { batch, seconds } = options;
    const parameters = await this.build(workload, batches, batch);
    await this.run(CALIBRATION_STEPS);
    const calibration = await this.run(CALIBRATION_STEPS);
    const steps = Math.max(1, Math.round((seconds * CALIBRATION_STEPS) / calibration.seconds));
    await this.run(steps);
    return new TorchRunner(this, parameters, { batch, steps });
  }

  /** @returns the number of trainable numbers. */
  async build(workload: Workload, { examples, steps }: Batches, batch: number): Promise<number> {
    const inputs = [
      ...networkPorts(workload.shape),
      { name: 'labels', dtype: 'float32', shape: [], read: () => examples.labels_N },
    ];
    const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
    try {
      const file = path.join(folder, 'batches.bin');
      const handle = await open(file, 'w');
      for (const input of inputs) {
        const { buffer, byteOffset, byteLength } = input.read(examples);
        await handle.writeFile(new Uint8Array(buffer, byteOffset, byteLength));
      }
      await handle.close();
      const { parameters } = await this.ask(built, {
        command: 'build',
        description: workload.description,
        batch,
        steps,
        inputs: inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        file,
      });
      return parameters;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async run(steps: number): Promise<z.infer<typeof ran>> {
    return this.ask(ran, { command: 'run', steps });
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await ended;
  }

  private async ask<T>(answer: z.ZodType<T>, message: object): Promise<T> {
    this.child.stdin?.write(`${JSON.stringify(message)}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error(`${PEER_NAME} ended early: what it wrote stands above`);
    return answer.parse(JSON.parse(line.value));
  }
}

/** PyTorch's side of a comparison. */
export class TorchRunner implements Runner {
  constructor(
    private readonly peer: TorchPeer,
    /** Number of trainable numbers. */
    readonly parameters: number,
    private readonly size: { readonly batch: number; readonly steps: number },
  ) {}

  async run(): Promise<TimedRun> {
    const { batch, steps } = this.size;
    return timedRun({ batch, steps, ...(await this.peer.run(steps)) });
  }
}

/** Beside the sources: the build takes TypeScript alone. */
function scriptPath(): string {
  const here = path.join(__dirname, 'peer.py');
  return existsSync(here) ? here : path.resolve(__dirname, '../../../bench/training/peer.py');
}
