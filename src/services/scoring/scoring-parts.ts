import { AppError } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type RunKey } from '../training/run-lease';

/** Some of a scoring's lines: those of scores, and those of what could not be scored. */
export interface ScoringPart {
  readonly scores: Uint8Array;
  readonly refused: Uint8Array;
}

/** The parts of one scoring, numbered from 0. */
export interface StoredParts {
  save(number: number, part: ScoringPart): Promise<void>;
  /** All lines of the first `count` parts. @throws AppError UNAVAILABLE when one is missing or damaged */
  lines(what: keyof ScoringPart, count: number): AsyncGenerator<Uint8Array>;
  /** When the scoring has ended. */
  discard(count: number): Promise<void>;
}

/** Parts live in the object store, so that any machine can go on with a scoring. */
export class ScoringParts {
  constructor(private readonly objects: ObjectStores) {}

  of({ tenantId, runId }: RunKey): StoredParts {
    const objects = this.objects.forTenant(tenantId);
    const name = (what: keyof ScoringPart, number: number) => `scorings/${runId}/${what}-${number}`;
    return {
      save: async (number, { scores, refused }) => {
        await objects.putNamed(name('scores', number), scores);
        await objects.putNamed(name('refused', number), refused);
      },
      lines: async function* (what, count) {
        for (let number = 0; number < count; number += 1) {
          const lines = await objects.getNamed(name(what, number));
          if (!lines)
            throw new AppError('UNAVAILABLE', `part ${number} of the scoring ${runId} is not readable`);
          yield lines;
        }
      },
      discard: async (count) => {
        // One more may be stored than is counted.
        for (let number = 0; number <= count; number += 1) {
          await objects.deleteNamed(name('scores', number));
          await objects.deleteNamed(name('refused', number));
        }
      },
    };
  }
}
