import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/**
 * Imports go one way: a layer may import what it names here and itself, nothing else.
 * `errors` is importable everywhere.
 */
const LAYERS = {
  errors: [],
  'engine/onnx': [],
  'engine/ops': ['engine/onnx'],
  'engine/autodiff': ['engine/onnx', 'engine/ops'],
  'engine/nn': ['engine/onnx', 'engine/ops', 'engine/autodiff'],
  'engine/runtime': ['engine/onnx'],
  'engine/training': ['engine/onnx', 'engine/ops', 'engine/autodiff', 'engine/nn', 'engine/runtime'],
  learning: ['engine/onnx', 'engine/ops', 'engine/nn', 'engine/runtime', 'engine/training'],
  platform: [],
  services: ['engine/runtime', 'learning', 'platform'],
  graphql: ['services', 'platform', 'learning'],
  'domain-kit': ['graphql', 'services', 'platform', 'learning'],
  domains: ['domain-kit', 'graphql', 'services', 'platform', 'learning'],
  app: ['domains', 'domain-kit', 'graphql', 'services', 'platform', 'learning', 'engine/runtime'],
  'queue-workers': ['app', 'domain-kit', 'services', 'platform', 'learning', 'engine/runtime'],
};

const elements = [
  ...Object.keys(LAYERS)
    .filter((layer) => layer !== 'domains' && layer !== 'queue-workers')
    .map((layer) => ({ type: layer, pattern: `src/${layer}/**`, partialMatch: false })),
  // Each domain is an element of its own: domains never see each other.
  { type: 'domains', pattern: 'domains/*', capture: ['domain'] },
  { type: 'queue-workers', pattern: 'queue-workers/**', partialMatch: false },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '**/*.cjs', '**/*.mjs', '.propensity/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements,
      'import/resolver': { typescript: { project: './tsconfig.json' } },
    },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'onnxruntime-node', message: 'Only src/engine/runtime imports ONNX Runtime.' }],
          patterns: [
            { group: ['@opentelemetry/*'], message: 'Only the tracer of OTLP knows OpenTelemetry.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'domains/**/*.ts', 'queue-workers/**/*.ts'],
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(LAYERS).map(([from, allowed]) => ({
            from: { element: { type: from } },
            allow: [
              ...['errors', ...allowed].map((type) => ({ to: { element: { type } } })),
              from === 'domains'
                ? {
                    to: { element: { type: from, captured: { domain: '{{from.element.captured.domain}}' } } },
                  }
                : { to: { element: { type: from } } },
            ],
          })),
        },
      ],
    },
  },
  {
    files: ['src/engine/runtime/**/*.ts', 'src/platform/telemetry/otlp-tracer.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    // Every row is reached through a tenant's scope: what could reach it otherwise stays in persistence.
    files: ['src/**/*.ts', 'domains/**/*.ts', 'queue-workers/**/*.ts'],
    ignores: ['src/platform/persistence/**', '**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          "ImportDeclaration[source.value='pg']",
          "ImportDeclaration[source.value='typeorm'] > ImportSpecifier[imported.name=/^(DataSource|EntityManager|QueryRunner|Repository|SelectQueryBuilder)$/]",
          'MemberExpression[property.name=/^(getRepository|createQueryRunner|createQueryBuilder)$/]',
        ].map((selector) => ({
          selector,
          message:
            'Only src/platform/persistence reaches tables directly: use Database.inTenant and its scope.',
        })),
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'boundaries/dependencies': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
