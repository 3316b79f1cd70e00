import { AppError, type Issue } from '../../errors';
import { type ModelConfig, modelConfigSchema } from '../../learning/architectures/model-config';
import { type FeatureSpec, featureSpecSchema } from '../../learning/features/feature-spec';
import { type CatalogueEntry, type ModelPreset } from './domain-catalogue';
import { schemaIssues } from './schema-issues';

/** What a person may set; what is left out comes from the domain. */
export interface ConfigurationInput {
  readonly kind: string;
  /** Checked strictly: unknown keys are errors. */
  readonly featureSpec?: unknown;
  readonly preset?: ModelPreset | null | undefined;
  /** Checked strictly; excludes `preset`. */
  readonly modelConfig?: unknown;
  /** In (0, 1); null leaves it to each model version. */
  readonly threshold?: number | null | undefined;
}

export interface CheckedConfiguration {
  readonly featureSpec: FeatureSpec;
  readonly modelConfig: ModelConfig;
  readonly threshold: number | null;
}

/**
 * Checks a configuration and fills in its defaults, reporting everything that is wrong at once.
 *
 * @throws AppError INVALID_CONFIGURATION with the path of each issue inside the input
 */
export function checkConfiguration(entry: CatalogueEntry, input: ConfigurationInput): CheckedConfiguration {
  const featureSpec = featureSpecSchema.safeParse(input.featureSpec ?? entry.featureSpec);
  const modelConfig = modelConfigSchema.safeParse(
    input.modelConfig ?? entry.presets[input.preset ?? 'default'],
  );
  const threshold = input.threshold ?? null;
  const issues: Issue[] = [
    ...(featureSpec.success ? [] : schemaIssues(featureSpec.error, 'featureSpec')),
    ...(modelConfig.success ? [] : schemaIssues(modelConfig.error, 'modelConfig')),
  ];
  if (input.modelConfig != null && input.preset != null) {
    issues.push({ path: 'preset', message: 'give a preset or a modelConfig, not both' });
  }
  if (holdsNul(input)) {
    issues.push({ path: 'featureSpec', message: 'the character U+0000 is not allowed in any text' });
  }
  if (threshold !== null && !(threshold > 0 && threshold < 1)) {
    issues.push({ path: 'threshold', message: 'a probability between 0 and 1, both excluded' });
  }
  if (issues.length === 0 && featureSpec.success && modelConfig.success) {
    return { featureSpec: featureSpec.data, modelConfig: modelConfig.data, threshold };
  }
  throw new AppError(
    'INVALID_CONFIGURATION',
    `The configuration of ${entry.kind} is not valid: ${summary(issues)}`,
    issues,
  );
}

/** PostgreSQL cannot store it. */
function holdsNul({ featureSpec, modelConfig }: ConfigurationInput): boolean {
  return JSON.stringify([featureSpec, modelConfig]).includes('\\u0000');
}

function summary(issues: readonly Issue[]): string {
  const [first] = issues;
  if (!first) return 'no issue was named.';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${first.path}: ${first.message}${more}.`;
}
