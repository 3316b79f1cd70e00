import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../../errors';

export interface Options {
  readonly url: string;
  /** Makes the two tenants; null where keys of two are given. */
  readonly adminKey: string | null;
  readonly ownerKey: string | null;
  readonly strangerKey: string | null;
  /** File of the schema, where the deployment does not tell it. */
  readonly schema: string | null;
  /** Names of fields; empty: all. */
  readonly only: readonly string[];
  readonly waitMs: number;
  readonly json: boolean;
}

const USAGE =
  'npm run prove:isolation -- --url http://…/graphql (--admin-key pk_… | --owner-key pk_… --stranger-key pk_…) [--schema schema.graphql] [--only field,field] [--wait seconds] [--json]';
const DEFAULT_WAIT_SECONDS = 180;

/**
 * Reads the command's arguments.
 * @throws AppError BAD_USER_INPUT
 */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const url = values.url ?? '';
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw wrong('--url takes the address of the API');
  const {
    'admin-key': adminKey = null,
    'owner-key': ownerKey = null,
    'stranger-key': strangerKey = null,
  } = values;
  const given = ownerKey !== null && strangerKey !== null;
  if ((ownerKey === null) !== (strangerKey === null))
    throw wrong('--owner-key and --stranger-key go together');
  if (given === (adminKey !== null))
    throw wrong('give the key of a platform administrator, or one of each of two tenants');
  const wait = Number(values.wait ?? DEFAULT_WAIT_SECONDS);
  if (!(wait >= 0 && wait <= 86_400)) throw wrong('--wait takes seconds');
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  return {
    ...{ url, adminKey, ownerKey, strangerKey, only, json: values.json },
    schema: values.schema ?? null,
    waitMs: wait * 1_000,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        'admin-key': { type: 'string' },
        'owner-key': { type: 'string' },
        'stranger-key': { type: 'string' },
        schema: { type: 'string' },
        only: { type: 'string' },
        wait: { type: 'string' },
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
