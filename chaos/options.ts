import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors';

export interface Options {
  /** How long there are faults. */
  readonly minutes: number;
  /** Of what fails when; printed, and drawn where it is not given. */
  readonly seed: number;
  readonly json: boolean;
}

const USAGE = 'npm run chaos -- [--minutes 10] [--seed 1] [--json]';

export class UsageError extends Error {}

/** @throws UsageError naming the option and what it may be */
export function readOptions(args: readonly string[]): Options {
  const { minutes, seed, json } = parsed(args);
  const options = {
    minutes: Number(minutes ?? 10),
    seed: Number(seed ?? Math.floor(Math.random() * 2 ** 31)),
    json,
  };
  if (!(options.minutes > 0 && options.minutes <= 1_440))
    throw new UsageError(`--minutes takes a number above 0 and at most 1440: ${USAGE}`);
  if (!(Number.isInteger(options.seed) && options.seed >= 0 && options.seed < 2 ** 32))
    throw new UsageError(`--seed takes a whole number from 0 and below 2^32: ${USAGE}`);
  return options;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}: ${USAGE}`);
  }
}
