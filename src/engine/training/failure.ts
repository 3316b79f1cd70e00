import { AppError } from '../../errors';
import { type Finding } from './diagnosis';
import { type PieceResult } from './training-program';

/** Whether every loss, every gradient and all of the state that was changed are finite numbers. */
export function isSound({ losses, gradientNorms, tensors, rows }: PieceResult): boolean {
  return [losses, gradientNorms, ...Object.values(tensors), ...Object.values(rows).flat()].every(isAllFinite);
}

/** 0·x is 0 for a finite x and NaN for any other: their sum tells, without a branch for each number. */
function isAllFinite(numbers: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) sum += 0 * (numbers[index] ?? 0);
  return sum === 0;
}

/**
 * What the first steps of a piece gave, as many as are sound: the bad step follows them. Null where it is the first.
 *
 * What is not finite stays so, in Adam's moments as in the parameters, so halves of the piece can be told apart.
 * Most often the first loss that is not finite is that of the bad step, and the steps before it are all there is to
 * look at.
 *
 * @param found what the whole piece gave, which is not sound.
 * @param run gives the result of so many of its steps.
 */
export async function lastSoundSteps(
  found: PieceResult,
  run: (steps: number) => Promise<PieceResult>,
): Promise<PieceResult | null> {
  const { losses, gradientNorms } = found;
  const shown = losses.findIndex((loss, step) => !Number.isFinite(loss + (gradientNorms[step] ?? 0)));
  let [sound, bad] = [0, shown < 0 ? losses.length : shown + 1];
  let last: PieceResult | null = null;
  for (let next = bad - 1; bad - sound > 1; next = Math.floor((sound + bad) / 2)) {
    const result = await run(next);
    if (isSound(result)) [sound, last] = [next, result];
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
export function trainingFailed(step: number, result: PieceResult, finding: Finding): AppError {
  return new AppError('TRAINING_FAILED', `step ${step}: ${symptomOf(result)}${causeOf(finding)}`);
}

function symptomOf({ losses, gradientNorms, tensors, rows }: PieceResult): string {
  const [[loss = NaN], [norm = NaN]] = [losses, gradientNorms];
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (!Number.isFinite(norm)) return `the gradient's norm is ${norm}`;
  const state = [
    ...Object.entries(tensors).map(([name, data]) => ({ name, parts: [data] })),
    ...Object.entries(rows).map(([table, parts]) => ({ name: `rows of ${table}`, parts })),
  ];
  const bad = state.filter(({ parts }) => !parts.every(isAllFinite)).map(({ name }) => name);
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
