import { MIDDLE, offsetInput } from '../../learning/explanation/path-points';
import { artifactInputs } from '../../learning/export/artifact-inputs';
import { rawFromRecords } from '../../learning/features/raw-from-records';
import { type InferencePool } from './pool/inference-pool';
import { type Servable } from './servable';

/**
 * An example of which nothing is known goes through the whole model, so that the first request finds it ready; and through
 * what explains it, where the version before it serves already. A model that is read for the first request does not wait
 * for reasons that nobody may want.
 *
 * @throws as `InferencePool.run`; `onExplainerError` is told why there may be no reasons, which keeps no version from serving
 */
export async function warmServable(
  pool: Pick<InferencePool, 'warm'>,
  { artifact, spec, explainer }: Servable,
  {
    previous,
    onExplainerError,
  }: { readonly previous: Servable | null; readonly onExplainerError: (error: unknown) => void },
): Promise<void> {
  const inputs = artifactInputs(spec, rawFromRecords(spec, [{ features: {} }]));
  await pool.warm(artifact, inputs, previous?.artifact);
  if (!previous || !explainer) return;
  const { key, certificate } = explainer;
  if (certificate.maxError > certificate.tolerance) return;
  try {
    await pool.warm(
      key,
      certificate.rule ? { ...inputs, ...offsetInput([MIDDLE]) } : inputs,
      previous.explainer?.key,
    );
  } catch (error) {
    onExplainerError(error);
  }
}
