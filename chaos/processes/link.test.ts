import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Link } from './link';

let echo: Server;
let link: Link;
let port: number;
const open: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  link = new Link('line', (echo.address() as AddressInfo).port);
  port = await link.listen();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  link.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function caller(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}
const closing = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));
const answer = async (socket: Socket): Promise<string> =>
  String(((await once(socket, 'data')) as [Buffer])[0]);

test('passes on, keeps silent and then passes on what waited', async () => {
  const socket = await caller();
  socket.write('one');
  expect(await answer(socket)).toBe('one');
  expect(link.connections).toBe(1);
  link.silence();
  const told: string[] = [];
  socket.on('data', (bytes: Buffer) => told.push(bytes.toString()));
  socket.write('two');
  await sleep(100);
  expect(told).toEqual([]);
  const waiting = answer(socket);
  link.mend();
  expect(await waiting).toBe('two');
});

test('resets what is open and what comes, until it is mended', async () => {
  const socket = await caller();
  socket.write('one');
  await answer(socket);
  const closed = closing(socket);
  link.cut();
  await closed;
  const refused = connect(port, '127.0.0.1').on('error', () => undefined);
  await closing(refused);
  link.mend();
  const again = await caller();
  again.write('two');
  expect(await answer(again)).toBe('two');
});

test('closed for good, it lets nobody wait: not one that was silenced, and not one that reads nothing', async () => {
  const silenced = await caller();
  const deaf = await caller();
  deaf.write('one');
  await answer(deaf);
  deaf.pause();
  for (let i = 0; i < 200; i++) deaf.write(Buffer.alloc(64 * 1_024));
  link.silence();
  const closed = Promise.all([silenced, deaf].map((socket) => closing(socket.resume())));
  link.close();
  await closed;
  expect(link.connections).toBe(0);
  await closing(connect(port, '127.0.0.1').on('error', () => undefined));
});
