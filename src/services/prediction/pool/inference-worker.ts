/**
 * Entry of an inference thread: holds sessions, runs batches, one message after the other.
 * What it holds is decided by the other side; see `InferenceThread`.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Session } from '../../../engine/runtime';
import { messageOf } from '../../../errors';
import { type ThreadReply, type ThreadRequest } from './messages';
import { packOutputs } from './outputs';
import { ThreadGate } from './thread-gate';
import { BatchLayout } from './wire-format';

type RunRequest = Extract<ThreadRequest, { type: 'run' }>;

const gate = new ThreadGate(workerData as SharedArrayBuffer);

/** A session, or why there is none. */
const sessions = new Map<string, Session | Error>();

async function load(artifact: string, bytes: Uint8Array): Promise<void> {
  try {
    // One thread each: several sessions run side by side, and none may starve another.
    const session = await gate.pass(() => Session.create(bytes, { device: 'cpu', threads: 1 }));
    sessions.set(artifact, session);
  } catch (error) {
    sessions.set(artifact, new Error(`the artifact does not load: ${messageOf(error)}`));
  }
}

async function release(artifact: string): Promise<void> {
  const session = sessions.get(artifact);
  sessions.delete(artifact);
  if (session && !(session instanceof Error)) await gate.pass(() => session.close());
}

async function run({ id, artifact, signature, batch }: RunRequest): Promise<ThreadReply> {
  const session = sessions.get(artifact);
  if (!session || session instanceof Error) {
    sessions.delete(artifact);
    return { type: 'failed', id, loaded: false, message: session?.message ?? 'the artifact is not loaded' };
  }
  try {
    const feeds = BatchLayout.of(signature).unpack(batch);
    const results = await gate.pass(() => session.run(feeds));
    return { type: 'done', id, ...packOutputs(results, batch.rows) };
  } catch (error) {
    return { type: 'failed', id, loaded: true, message: messageOf(error) };
  }
}

async function close(port: MessagePort): Promise<void> {
  for (const artifact of [...sessions.keys()]) await release(artifact);
  port.close();
}

async function carryOut(port: MessagePort, request: ThreadRequest): Promise<void> {
  switch (request.type) {
    case 'load':
      return load(request.artifact, request.bytes);
    case 'release':
      return release(request.artifact);
    case 'run': {
      const reply = await run(request);
      port.postMessage(reply, reply.type === 'done' ? [reply.values.buffer as ArrayBuffer] : []);
      return;
    }
    case 'close':
      return close(port);
  }
}

if (parentPort) {
  const port = parentPort;
  let previous = Promise.resolve();
  port.on('message', (request: ThreadRequest) => {
    // A request that throws ends the thread: the other side starts a new one and repeats what was lost.
    previous = previous.then(() => carryOut(port, request));
  });
}
