import { AppError } from '../../errors';
import { type Finding } from './diagnosis';
import { type ChunkResult } from './training-program';
import { type TrainingState } from './training-state';

/** Whether every loss, every gradient and the whole state are finite numbers. */
export function isSound({ losses, gradientNorms, state }: ChunkResult): boolean {
  return [losses, gradientNorms, ...Object.values(state.tensors)].every(isAllFinite);
}

/** 0·x is 0 for a finite x and NaN for any other: their sum tells, without a branch for each number. */
function isAllFinite(numbers: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) sum += 0 * (numbers[index] ?? 0);
  return sum === 0;
}

/**
 * The last state of a chunk up to which everything is sound: the bad step begins from it.
 *
 * What is not finite stays so, in Adam's moments as in the parameters, so halves of the chunk can be told apart.
 * Most often the first loss that is not finite is that of the bad step, and the state before it is all there is to
 * look at.
 *
 * @param found what the whole chunk gave, which is not sound.
 * @param run gives the result of so many of its steps.
 */
export async function lastSoundState(
  state: TrainingState,
  found: ChunkResult,
  run: (steps: number) => Promise<ChunkResult>,
): Promise<TrainingState> {
  const { losses, gradientNorms } = found;
  const shown = losses.findIndex((loss, step) => !Number.isFinite(loss + (gradientNorms[step] ?? 0)));
  let [sound, bad] = [0, shown < 0 ? losses.length : shown + 1];
  let last = state;
  for (let next = bad - 1; bad - sound > 1; next = Math.floor((sound + bad) / 2)) {
    const result = await run(next);
    if (isSound(result)) [sound, last] = [next, result.state];
    else bad = next;
  }
  return last;
}

/**
 * The error of a run whose numbers are no longer finite.
 *
 * @param step the first bad one, counted from 1.
 * @param result of that step alone.
 * @param finding what it began with.
 */
export function trainingFailed(step: number, result: ChunkResult, finding: Finding): AppError {
  return new AppError('TRAINING_FAILED', `step ${step}: ${symptomOf(result)}${causeOf(finding)}`);
}

function symptomOf({ losses, gradientNorms, state }: ChunkResult): string {
  const [[loss = NaN], [norm = NaN]] = [losses, gradientNorms];
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (!Number.isFinite(norm)) return `the gradient's norm is ${norm}`;
  const bad = Object.entries(state.tensors).flatMap(([name, data]) => (isAllFinite(data) ? [] : [name]));
  return `the state after it is not finite (${bad.join(', ')})`;
}

function causeOf(finding: Finding): string {
  const remedy = 'A lower learning rate or gradient clipping helps';
  switch (finding.kind) {
    case 'input':
      return `, because the input ${finding.name} holds NaN or infinity`;
    case 'state': {
      const names = finding.parameters.length > 0 ? finding.parameters : [finding.name];
      return `, because ${names.join(', ')} held NaN or infinity before it`;
    }
    case 'computed':
      return `. It began with ${finding.what}: ${finding.detail}. ${remedy}`;
    case 'unknown':
      return `. What it began with was not found: ${finding.why}. ${remedy}`;
  }
}
