import { type TrainingProgram } from '../../engine/training';

type Compile = (length: number) => Promise<TrainingProgram<string>>;

/**
 * The training programs of one network, one for each length that histories are padded to: a training graph has a
 * fixed number of steps. All of them have the same parameters, so that each goes on with the state that another left.
 * That of the longest is compiled at once, the others when their first batch comes.
 */
export class LengthPrograms {
  private readonly compiled = new Map<number, TrainingProgram<string>>();

  private constructor(
    /** Of the longest histories. */
    readonly longest: TrainingProgram<string>,
    private readonly compile: Compile,
  ) {}

  static async create(maxLength: number, compile: Compile): Promise<LengthPrograms> {
    const programs = new LengthPrograms(await compile(maxLength), compile);
    programs.compiled.set(maxLength, programs.longest);
    return programs;
  }

  async of(length: number): Promise<TrainingProgram<string>> {
    const known = this.compiled.get(length);
    if (known) return known;
    const program = await this.compile(length);
    this.compiled.set(length, program);
    if (program.digest !== this.longest.digest)
      throw new TypeError(`the network has other parameters for histories of ${length} steps`);
    return program;
  }

  async close(): Promise<void> {
    for (const program of this.compiled.values()) await program.close();
  }
}
