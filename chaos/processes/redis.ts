import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { freePort } from '../../test/support/free-port';
import { redisProgram } from '../../test/support/redis';
import { Service } from './service';

export interface Redis {
  readonly service: Service;
  readonly port: number;
}

/** A server that keeps nothing when it is killed; null where its program is not installed. */
export async function createRedis(folder: string): Promise<Redis | null> {
  const program = redisProgram();
  if (program === null) return null;
  mkdirSync(folder);
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  return {
    port,
    service: new Service('redis', { program, args, options: { cwd: folder }, isReady: () => listens(port) }),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
