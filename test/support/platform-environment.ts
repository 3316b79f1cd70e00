const PLATFORM_VARIABLES = /^(PROPENSITY_|OTEL_|DATABASE_|REDIS_URL$|ARTIFACT_URL$|PORT$|HOST$)/;

/**
 * This process's environment for a process of the platform: without its settings, which each test gives itself, and
 * without those that are the tests' own, which it would refuse as unknown.
 */
export function platformEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !PLATFORM_VARIABLES.test(name)));
}
