import {
  type Explanation,
  explanationsOf,
  type ExplainerCertificate,
  meanExplanation,
} from '../../learning/explanation/explanations';
import {
  MAX_REFINEMENTS,
  MIDDLE,
  offsetInput,
  refiningOffsets,
} from '../../learning/explanation/path-points';
import { artifactInputs } from '../../learning/export/artifact-inputs';
import { type RawExamples } from '../../learning/features/raw-examples';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { type InferencePool } from './pool/inference-pool';
import { type ArtifactInputs, selectRows } from './pool/tensors';
import { type Reasons, reasonsOf } from './reasons';
import { type Servable } from './servable';

export const NO_REASONS = ['TRAINED_BEFORE', 'INEXACT'] as const;

/** Why a model version cannot give reasons, or not for an example. */
export interface NoReasons {
  /** `TRAINED_BEFORE` there were explainers; `INEXACT`: what it would say does not add up. */
  readonly why: (typeof NO_REASONS)[number];
  readonly message: string;
}

type Explainer = NonNullable<Servable['explainer']>;

/** Examples as a version was asked about them. */
export interface AskedExamples {
  readonly servable: Servable;
  readonly recordOf: (row: number) => ExampleRecord;
  /** Reads them. */
  readonly read: () => RawExamples;
}

/**
 * The reasons of examples that are scored. Nothing is computed before somebody asks for one of them; then all are, once.
 *
 * @returns gives those of an example, by its place; throws AppError UNAVAILABLE when the threads do not answer in time
 */
export function explainExamples(
  pool: Pick<InferencePool, 'run'>,
  asked: AskedExamples,
): (row: number) => Promise<Reasons | NoReasons> {
  const { servable, recordOf, read } = asked;
  const { explainer } = servable;
  const refusal = noReasons(explainer?.certificate ?? null, servable);
  if (!explainer || refusal) {
    const answer = Promise.resolve(refusal ?? trainedBefore(servable));
    return () => answer;
  }
  let all: Promise<(Reasons | NoReasons)[]> | null = null;
  const run = async (): Promise<(Reasons | NoReasons)[]> => {
    const raw = read();
    const inputs = artifactInputs(servable.spec, raw);
    const explanations = await explainExactly(pool, explainer, { inputs, rows: raw.count });
    return explanations.map((explanation, row) => {
      if (Math.abs(explanation.error) > explainer.certificate.tolerance)
        return inexact(explanation, explainer.certificate);
      return reasonsOf(explanation, {
        spec: servable.spec,
        raw,
        record: recordOf(row),
        row,
        usualLength: explainer.certificate.baselineLength,
      });
    });
  };
  return async (row) => {
    const reasons = (await (all ??= run()))[row];
    if (!reasons) throw new RangeError(`example ${row} was not asked about`);
    return reasons;
  };
}

/** Where what is added up is out by more than the tolerance, the path is walked again in shorter steps. */
async function explainExactly(
  pool: Pick<InferencePool, 'run'>,
  { key, certificate: { rule, tolerance } }: Explainer,
  { inputs, rows }: { readonly inputs: ArtifactInputs; readonly rows: number },
): Promise<Explanation[]> {
  if (!rule) return explanationsOf(await pool.run(key, inputs), rows);
  const middles = offsetInput(Array<number>(rows).fill(MIDDLE));
  const first = explanationsOf(await pool.run(key, { ...inputs, ...middles }), rows);
  /** By row: one for each offset. */
  const parts = first.map((one): [Explanation, ...Explanation[]] => [one]);
  let means: readonly Explanation[] = first;
  for (let refinement = 1; refinement <= MAX_REFINEMENTS; refinement++) {
    const offsets = refiningOffsets(refinement);
    const again = means.flatMap(({ error }, row) =>
      Math.abs(error) > tolerance ? offsets.map((offset) => ({ row, offset })) : [],
    );
    if (again.length === 0) break;
    const asked = {
      ...selectRows(
        inputs,
        again.map(({ row }) => row),
      ),
      ...offsetInput(again.map(({ offset }) => offset)),
    };
    explanationsOf(await pool.run(key, asked), again.length).forEach((one, place) => {
      parts[again[place]?.row ?? -1]?.push(one);
    });
    means = parts.map(meanExplanation);
  }
  return [...means];
}

/** Null when the explainer may be used. */
function noReasons(certificate: ExplainerCertificate | null, servable: Servable): NoReasons | null {
  if (!certificate) return trainedBefore(servable);
  const { maxError, tolerance } = certificate;
  if (maxError <= tolerance) return null;
  return {
    why: 'INEXACT',
    message:
      `What the features of version ${servable.version.number} contribute does not add up to its logits: ` +
      `${maxError.toPrecision(2)} were missed where ${tolerance} are allowed. Smaller weights help: a stronger l2.`,
  };
}

function inexact({ error }: Explanation, { rule, steps, tolerance }: ExplainerCertificate): NoReasons {
  const points = rule ? steps * 3 ** MAX_REFINEMENTS : steps;
  return {
    why: 'INEXACT',
    message:
      `What contributes to this answer does not add up to its logit: at ${points} points of the path, ` +
      `${Math.abs(error).toPrecision(2)} are missed where ${tolerance} are allowed. The probability stands.`,
  };
}

function trainedBefore({ version }: Servable): NoReasons {
  return {
    why: 'TRAINED_BEFORE',
    message: `Version ${version.number} was trained before models could explain themselves: train the model again.`,
  };
}
