import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../../errors';
import { type VerifyOptions } from '../../platform/audit/verify-chain';
import { isUuid } from '../../platform/persistence/keyset';

export interface Options extends VerifyOptions {
  readonly json: boolean;
}

const USAGE = 'npm run verify:audit -- [--tenant <id> [--head <sequence>:<hash>]] [--json]';

/**
 * Reads the command's arguments.
 * @throws AppError BAD_USER_INPUT
 */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const tenantId = values.tenant?.toLowerCase();
  if (tenantId !== undefined && !isUuid(tenantId)) throw wrong('--tenant takes the id of a tenant');
  if (values.head === undefined) return { json: values.json, tenantId };
  if (tenantId === undefined) throw wrong('--head needs --tenant');
  const [, sequence, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(values.head.toLowerCase()) ?? [];
  if (sequence === undefined || hash === undefined)
    throw wrong('--head takes what an earlier verification printed, such as 120:3f…');
  return { json: values.json, tenantId, expected: { sequence: Number(sequence), hash } };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        head: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function wrong(problem: string): AppError {
  return new AppError('BAD_USER_INPUT', `${problem}: ${USAGE}`);
}
