import { type AddressInfo } from 'node:net';
import { type FastifyInstance } from 'fastify';
import { AppError } from '../../errors';

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/**
 * Accepts connections, and gives the GraphQL endpoint's address.
 * @throws AppError INVALID_CONFIGURATION when it cannot listen there, with what to do
 */
export async function listen(http: FastifyInstance, { host, port }: ListenAddress): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    const reason = reasonOf(error, { host, port });
    if (reason === null) throw error;
    throw new AppError('INVALID_CONFIGURATION', reason, [], { cause: error });
  }
  const { port: bound } = http.server.address() as AddressInfo;
  return `http://${reachable(host)}:${bound}/graphql`;
}

function reasonOf(error: unknown, { host, port }: ListenAddress): string | null {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: end what listens there, or set PORT to another one (0 takes any free one)`;
    case 'EACCES':
      return `Port ${port} needs more rights than this process has: set PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0`;
    default:
      return null;
  }
}

/** The host as a client on this machine writes it. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
