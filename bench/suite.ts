import { type ParseArgsConfig } from 'node:util';

/** Values as `parseArgs` gives them. */
export type OptionValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** One thing that is measured: `npm run bench -- <name>`. */
export interface Suite<Result extends object = object> {
  /** One line for the usage text. */
  readonly title: string;
  /** Beside `--json`, which every suite has. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** One line per option, by its name. */
  readonly help: Readonly<Record<string, string>>;
  /**
   * @param progress takes one line about what is being done.
   * @returns what `--json` prints.
   * @throws UsageError when an option's value is none.
   */
  run(values: OptionValues, progress: (line: string) => void): Promise<Result>;
  /** The result for people. */
  table(result: Result): string;
}

/** The command line asks for something that there is not: its message is the one line that is printed. */
export class UsageError extends Error {}
