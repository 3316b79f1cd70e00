import { CERTIFICATE_TOLERANCE } from '../../learning/export/certificate';
import { type ModelVersion } from './model-version.entity';

/**
 * Why a version's certificate does not prove that its artifact is the model that was trained; null when it does.
 * The words complete "the version may not serve: …".
 */
export function certificateProblem(
  version: Pick<ModelVersion, 'artifactSha256' | 'certificate'> & Partial<Pick<ModelVersion, 'retiredAt'>>,
): string | null {
  const { artifactSha256, comparedExamples, maxProbabilityDifference } = version.certificate;
  if (version.retiredAt) return 'it was retired, because a subject that it was trained on was erased';
  if (artifactSha256 !== version.artifactSha256) return 'its certificate is of another artifact';
  if (!(comparedExamples > 0)) return 'its certificate compares no examples';
  // Not the tolerance that the certificate names: what is tolerated is decided here and now.
  // A difference that was no number is stored as null, which compares like 0.
  if (Number.isFinite(maxProbabilityDifference) && maxProbabilityDifference <= CERTIFICATE_TOLERANCE)
    return null;
  return `its artifact differs from the trained model by ${maxProbabilityDifference} in probability, ${CERTIFICATE_TOLERANCE} is allowed`;
}
