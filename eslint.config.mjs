/**
 * Lint rules that hold a promise of the design; layout is prettier's business.
 * Which room may import which is in `.dependency-cruiser.cjs`, which also sees helpers of helpers.
 * `test/fences/` plants a fault for the rules that fence something off.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import temporal from 'eslint-plugin-temporal';
import tseslint from 'typescript-eslint';

/** What runs in the workflow sandbox. */
const sandboxed = ['src/workflows/**/*.ts'];
/** What has no effects and no memory: these rooms are part of the sandbox bundle or of a verdict. */
const pure = [...['workflows', 'contracts', 'plan', 'tables', 'sources', 'games', 'processors', 'gate']].map(
  (room) => `src/${room}/**/*.ts`,
);

/** An option list replaces that of an earlier block, so every block states its own from these. */
const syntax = {
  env: {
    selector: "MemberExpression[object.property.name='process'][property.name='env']",
    message: 'Only src/config reads the environment; take the value from the configuration.',
  },
  defaultExport: {
    selector: 'ExportDefaultDeclaration',
    message: 'Named exports only: one name for one thing, wherever it is imported.',
  },
  memory: [
    {
      selector: ":matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind!='const']",
      message: 'A module here keeps no state: pass it as an argument or keep it in the run state.',
    },
    {
      selector:
        ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > ' +
        ':matches(NewExpression[callee.name=/^(Weak)?(Map|Set)$/][arguments.length=0], ' +
        'ArrayExpression[elements.length=0], ObjectExpression[properties.length=0]).init',
      message:
        'An empty collection at the top of a module is only good for being filled later, which is state.',
    },
  ],
  dynamicImport: {
    selector: 'ImportExpression',
    message: 'Import at the top: dependency-cruiser cannot follow a computed path.',
  },
};

const imports = {
  env: {
    paths: ['process', 'node:process'].map((name) => ({
      name,
      message: 'The global will do, and under another name it would hide a look at the environment.',
    })),
  },
  sandboxed: {
    patterns: [
      {
        regex: '(^|/)activities(/|$)',
        allowTypeImports: true,
        message: 'Call activities through proxyActivities; import their types with `import type`.',
      },
      {
        regex: '^@temporalio/(client|worker|activity)(/|$)',
        allowTypeImports: true,
        message: 'Not available in the workflow sandbox.',
      },
      {
        regex: '(^|/)(warehouse|config|cli|control|stack|observability|client|worker)(/|$)',
        allowTypeImports: true,
        message: 'Workflows reach the outside through activities, and get configuration as input.',
      },
      { regex: '^node:', message: 'Workflows run without Node.' },
    ],
  },
};

const noEnvironment = {
  'no-restricted-properties': [
    'error',
    {
      object: 'process',
      property: 'env',
      message: 'Only src/config reads the environment; take the value from the configuration.',
    },
  ],
};

export default defineConfig(
  // The examples are compiled and run where they belong, by test/e2e/examples.test.ts.
  globalIgnores(['dist/', 'release/', 'coverage/', 'data/', '.phase3/', 'examples/']),

  {
    name: 'everywhere',
    files: ['**/*.{ts,js,mjs,cjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-async-promise-executor': 'error',
      'no-cond-assign': 'error',
      'no-constant-binary-expression': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': 'error',
      'no-loss-of-precision': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
      'no-useless-escape': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'preserve-caught-error': 'error',
      'use-isnan': 'error',
      'valid-typeof': 'error',
    },
  },

  {
    name: 'typescript',
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // The type-only fences rest on this: what is not needed at run time must not be an import at run time.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Functions that are handed on by name must not need their object.
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // An async update validator, for one, is caught by nothing else.
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // State that crosses a process is plain JSON, so its records are edited by key.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Adapters and fakes are async because the port is.
      '@typescript-eslint/require-await': 'off',
    },
  },

  {
    name: 'src',
    files: ['src/**/*.ts'],
    rules: {
      ...noEnvironment,
      'no-console': 'error',
      'no-restricted-imports': ['error', imports.env],
      'no-restricted-syntax': ['error', syntax.env, syntax.defaultExport],
    },
  },
  {
    name: 'src/config reads the environment',
    files: ['src/config/**/*.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': ['error', syntax.defaultExport],
    },
  },
  {
    name: 'src/cli speaks to a person',
    files: ['src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },

  {
    name: 'pure rooms',
    files: pure,
    rules: {
      'no-restricted-syntax': [
        'error',
        syntax.env,
        syntax.defaultExport,
        ...syntax.memory,
        syntax.dynamicImport,
      ],
      // Imports are dependency-cruiser's; these need no import.
      'no-restricted-globals': [
        'error',
        {
          globals: [
            'process',
            'Buffer',
            'fetch',
            'performance',
            'crypto',
            'require',
            '__dirname',
            '__filename',
          ].map((name) => ({
            name,
            message: 'A pure room has no access to Node; take what is needed as an argument.',
          })),
          checkGlobalObject: true,
        },
      ],
    },
  },
  {
    name: 'pure rooms know no now and no chance',
    files: pure,
    ignores: sandboxed, // there Temporal replaces the clock and the dice by ones that replay
    rules: {
      'no-restricted-properties': [
        'error',
        ...noEnvironment['no-restricted-properties'].slice(1),
        { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
        { object: 'Math', property: 'random', message: 'Not repeatable.' },
      ],
      'no-restricted-syntax': [
        'error',
        syntax.env,
        syntax.defaultExport,
        ...syntax.memory,
        syntax.dynamicImport,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Take the time as an argument.',
        },
      ],
    },
  },

  {
    name: 'workflows',
    files: sandboxed,
    plugins: { temporal },
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', imports.sandboxed],
      // An async function without await in a workflow is a step that was forgotten.
      '@typescript-eslint/require-await': 'error',

      // What the sandbox does not have, or must not have.
      'temporal/workflow-no-activity-definitions-import': 'error',
      'temporal/workflow-no-client-import': 'error',
      'temporal/workflow-no-worker-import': 'error',
      'temporal/workflow-no-node-or-dom-imports': 'error',
      'temporal/workflow-no-fs-in-workflow': 'error',
      'temporal/workflow-no-network-in-workflow': 'error',
      'temporal/workflow-no-unsafe-package-imports': 'error',
      'temporal/workflow-no-logger-library-in-workflow': 'error',
      'temporal/workflow-no-uuid-library-in-workflow': 'error',
      'temporal/workflow-no-process-env': 'error',
      'temporal/workflow-no-console': 'error',
      'temporal/workflow-no-dynamic-import': 'error',
      'temporal/workflow-no-dynamic-require': 'error',
      'temporal/workflow-no-crypto-random': 'error',
      'temporal/workflow-no-crypto-random-uuid': 'error',
      'temporal/workflow-no-weakref': 'error',
      'temporal/workflow-no-finalization-registry': 'error',
      'temporal/workflow-no-shared-array-buffer': 'error',
      'temporal/workflow-no-mixed-scope-exports': 'error',
      'temporal/workflow-no-top-level-workflow-side-effects': 'error',
      'temporal/workflow-no-unsafe-global-mutation': 'error',
      'temporal/no-temporal-internal-imports': 'error',

      // Waiting.
      'temporal/workflow-no-busy-wait': 'error',
      'temporal/workflow-no-setinterval': 'error',
      'temporal/workflow-no-settimeout-in-cancellation-scope': 'error',
      'temporal/workflow-prefer-sleep': 'error',
      'temporal/workflow-prefer-condition-over-polling': 'error',

      // Messages and activities.
      'temporal/workflow-message-name-literal': 'error',
      'temporal/workflow-require-message-definitions-at-module-scope': 'error',
      'temporal/workflow-no-async-query-handler': 'error',
      'temporal/workflow-no-query-mutation': 'error',
      'temporal/workflow-no-workflow-apis-in-query': 'error',
      'temporal/workflow-signal-handler-returns-void': 'error',
      'temporal/workflow-no-await-in-handler-without-exit-guard': 'error',
      'temporal/workflow-no-continue-as-new-in-update-handler': 'error',
      'temporal/workflow-no-continue-as-new-without-state-argument': 'error',
      'temporal/workflow-require-activity-timeouts': 'error',
      'temporal/workflow-require-activity-retry-policy': 'error',
      'temporal/workflow-local-activity-options-required': 'error',

      // Versioning.
      'temporal/workflow-patch-id-literal': 'error',
      'temporal/workflow-no-duplicate-patch-ids': 'error',

      // It takes every setHandler for a promise; the typed rule above knows better.
      'temporal/workflow-no-floating-promises': 'off',
    },
  },

  {
    // The plugin takes every exported function for a workflow, so what it says of those is for these files only.
    name: 'workflow definitions',
    files: ['src/workflows/**/*.workflow.ts'],
    rules: {
      'temporal/workflow-require-all-handlers-finished': 'error',
      'temporal/workflow-no-any-in-workflow-public-api': 'error',
      'temporal/workflow-no-bigint-in-payload': 'error',
      'temporal/workflow-no-date-object-in-payload': 'error',
      'temporal/workflow-no-error-as-payload': 'error',
      'temporal/workflow-no-nonserializable-types-in-payloads': 'error',
      'temporal/workflow-prefer-single-object-args': 'error',
    },
  },

  {
    name: 'tests',
    files: ['test/**/*.ts'],
    rules: {
      // A test may know more than the types do, and fails where it stands if it is wrong.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `readFixture<T>(path): T`
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // `expect(fake.method)`
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    name: 'scripts and configuration in JavaScript',
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
);
