/**
 * Who may import whom. Only imports that are still there at run time count: `import type` always passes.
 * `test/fences/` plants a fault for every rule here; a new rule without one fails there.
 */
const { builtinModules } = require('node:module');

/** What others may import of the warehouse: the port, not an adapter. */
const port = ['warehouse/warehouse.ts', 'warehouse/errors.ts'];

/** How the rows that are kept of versions are read and compared. */
const kept = ['publishing/kept-reader.ts', 'publishing/raw-kept.ts', 'publishing/raw-moves.ts'];

/** How sources and processors are declared, and the lists of all that are. Only {@link readers} take the lists. */
const definitions = [
  'sources/define-source.ts',
  'processors/define-processor.ts',
  'processors/define-columns.ts',
  'processors/define-rule.ts',
];
const registries = ['sources/registry.ts', 'processors/registry.ts'];
const readers = ['plan/registry.ts', 'tables/catalogue.ts'];

/**
 * Each room of `src` with what it may import besides itself; a file that may import more than its room has a line of its
 * own. `rooms`: other rooms, or single files of them. `packages`: npm packages. `builtins`: Node's own modules.
 * Left out, `packages` and `builtins` mean: any.
 */
const rooms = {
  tables: { rooms: [], packages: [], builtins: [] },
  'tables/catalogue.ts': {
    rooms: ['tables', 'sources/define-source.ts', ...registries],
    packages: [],
    builtins: [],
  },
  contracts: {
    // Workflows reach all of it, and know no table or processor by name.
    rooms: [],
    packages: ['@temporalio/workflow', '@temporalio/common', 'valibot'],
    builtins: [],
  },
  'contracts/named-fields.ts': {
    // A schema lists the names that it takes.
    rooms: ['contracts', 'tables/catalogue.ts', 'plan/registry.ts'],
    packages: ['valibot'],
    builtins: [],
  },
  sources: { rooms: ['tables', 'contracts'], packages: [], builtins: [] },
  games: { rooms: ['sources', 'tables', 'contracts'], packages: [], builtins: [] },
  processors: { rooms: ['games', 'sources', 'tables', 'contracts'], packages: [], builtins: [] },
  plan: { rooms: ['contracts', 'games', 'tables', ...definitions], packages: [], builtins: [] },
  'plan/registry.ts': {
    rooms: ['plan', 'contracts', 'games', 'tables', ...definitions, ...registries],
    packages: [],
    builtins: [],
  },
  gate: {
    // What is to be run comes in with the question; only how levels follow from it is asked of the plan.
    // A result is put into the same words everywhere.
    rooms: [
      ...['contracts', 'games', 'tables', 'plan/levels.ts', 'publishing/fingerprint.ts'],
      ...['explain/blocked-result.ts', 'explain/describe-missing.ts'],
    ],
    packages: [],
    builtins: [],
  },
  publishing: {
    // The publish needs what the gate has selected, and how the audit spells its head.
    rooms: ['contracts', 'tables', 'gate', 'audit/chain.ts'],
    packages: [],
    builtins: ['crypto', 'zlib'],
  },
  explain: { rooms: ['contracts'], packages: [], builtins: [] },
  'explain/explain-record.ts': {
    // A record holds no plan, so the registry's is taken.
    rooms: ['contracts', 'explain', 'plan/registry.ts'],
    packages: [],
    builtins: [],
  },
  'explain-figure': {
    // What is published is held against what the gate would select and what would be built of it now.
    rooms: [
      ...['contracts', 'games', 'tables', 'gate', 'plan/registry.ts', 'publishing/fingerprint.ts'],
      ...['processors/define-columns.ts', 'publishing/raw-kept.ts', 'publishing/moved-raw.ts'],
    ],
    packages: [],
    builtins: [],
  },
  dates: {
    // How many dates stand: judged by the calendar, and by what the gate and a publication would make of each.
    rooms: ['contracts', 'games', 'plan', 'tables', 'gate', 'publishing', ...port],
    packages: [],
    builtins: ['crypto'],
  },
  workflows: {
    rooms: ['contracts', 'explain'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: [],
  },
  requests: {
    rooms: ['contracts', 'plan', 'tables'],
    packages: ['fastest-levenshtein', 'valibot'],
    builtins: [],
  },
  warehouse: { rooms: ['tables', 'contracts', 'observability/traced.ts'] },
  audit: {
    rooms: ['contracts', 'tables', 'publishing/canonical-json.ts', ...port],
    packages: [],
    builtins: ['crypto'],
  },
  notifications: { rooms: ['contracts'], packages: [] },
  schedules: {
    rooms: ['contracts', 'plan'],
    packages: ['@temporalio/client', '@temporalio/common'],
    builtins: ['timers/promises'],
  },
  client: {
    rooms: ['contracts', 'plan', 'requests', 'activities/ask-date.ts'],
    packages: ['@temporalio/client', '@temporalio/common'],
    builtins: ['crypto', 'timers/promises'],
  },
  activities: {
    rooms: [
      ...['audit', 'contracts', 'dates', 'plan', 'games', 'tables', 'gate', 'notifications', 'publishing'],
      'verify',
      // What a pass has replaced is told in the figures that `phase3 diff` shows.
      ...['versions', 'observability/traced.ts', 'warehouse/asker.ts', ...port],
    ],
    packages: ['@temporalio/activity', '@temporalio/common'],
  },
  adoption: {
    rooms: ['contracts', 'plan', 'tables', 'gate', 'publishing', ...port],
    packages: [],
    builtins: ['crypto'],
  },
  versions: {
    // Rows are compared in one way everywhere, and hashed as they were when they were published.
    rooms: ['contracts', 'tables', 'adoption/compare-rows.ts', 'publishing/fingerprint.ts', ...kept, ...port],
    packages: [],
    builtins: [],
  },
  'versions/preview-restore.ts': {
    // A restore is foreseen by planning it.
    rooms: ['contracts', 'plan', 'tables', 'gate', 'versions', 'publishing', ...port],
    packages: [],
    builtins: [],
  },
  verify: {
    rooms: ['contracts', 'dates', 'plan', 'tables', 'gate', 'publishing', ...port],
    packages: ['valibot'],
    builtins: ['crypto'],
  },
  control: {
    rooms: [
      ...[
        'adoption',
        'contracts',
        'builds',
        'dates',
        'explain-figure',
        'tables',
        'gate',
        'plan',
        'publishing',
        'verify',
        'versions',
      ],
      ...[...port, 'warehouse/decode-row.ts'],
    ],
  },
  // Which build is current, and what another has published.
  builds: { rooms: ['audit', 'contracts'] },
  config: { rooms: ['contracts', 'tables'] },
  observability: { rooms: ['contracts'] },
  stack: { rooms: ['builds', 'config', 'contracts', 'control', 'observability'] },
  rehearsal: {
    rooms: [
      ...['contracts', 'explain', 'gate', 'plan', 'games', 'processors', 'tables', 'stack', 'config'],
      ...['control/client.ts', 'client.ts'],
    ],
    packages: [],
  },
  deploy: {
    rooms: [
      ...['builds', 'contracts', 'games', 'plan', 'tables', 'stack', 'config', 'adoption/compare-rows.ts'],
      // What another build would make of a date is told as what the worker's own would.
      ...['control/client.ts', 'control/foreseen-table.ts'],
    ],
    packages: ['valibot'],
  },
  gateway: {
    rooms: [
      ...['config', 'contracts', 'explain', 'plan', 'requests', 'tables', 'observability', ...port],
      ...['client.ts', 'control/client.ts', 'control/dead-letters.ts', 'control/questions.ts'],
      // A worker that is gone tells nobody that it is.
      'notifications',
    ],
    packages: [
      'async-mutex',
      '@temporalio/client',
      'fastify',
      '@fastify/http-proxy',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@valibot/to-json-schema',
      'valibot',
      'jose',
      'prom-client',
    ],
  },
  cli: {
    rooms: [
      'audit',
      'builds',
      'client.ts',
      'contracts',
      'dates',
      'deploy',
      'explain',
      'notifications',
      'plan',
      'rehearsal',
      'schedules',
      'tables',
      'requests',
      'versions',
      'warehouse/decode-row.ts',
      'control/client.ts',
      'control/lines.ts',
      'stack',
      'config',
      'observability',
    ],
  },
};

/** The only places that put the parts together, and so may import adapters. */
const compositionRoots = '^src/(worker|client|cli/main|gateway/main)\\.ts$';

const escape = (text) => text.replace(/[.\\/+*]/g, '\\$&');
const oneOf = (names) => `(${names.map(escape).join('|')})`;
const anyBuiltin = `^(node:)?${oneOf(builtinModules)}$`;
/** Not anchored at the root: where `node_modules` is a link, paths start with `../`. */
const packageFolder = (names) => `(^|/)node_modules/${names.length > 0 ? oneOf(names) : '[^/]+'}/`;

const isFile = (name) => /\.ts$/.test(name);
/** A file (`client.ts`) is matched whole, a room by its folder. */
const roomPattern = (name) => `^src/${escape(name)}${isFile(name) ? '$' : '/'}`;
/** Files of a room that have a line of their own, or choose what they import. */
const apart = (room) => [
  ...Object.keys(rooms)
    .filter((name) => isFile(name) && name.startsWith(`${room}/`))
    .map(roomPattern),
  ...(['cli', 'gateway'].includes(room) ? [compositionRoots] : []),
];

const roomRules = Object.entries(rooms).flatMap(([room, may]) => {
  const pathNot = apart(room);
  const from = { path: roomPattern(room), ...(pathNot.length > 0 && { pathNot }) };
  const rules = [
    {
      name: `${room}-arrows`,
      comment: `src/${room} may import ${may.rooms.length > 0 ? may.rooms.join(', ') : 'no other room'}.`,
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: [room, ...may.rooms].map(roomPattern) },
    },
  ];
  if (may.packages) {
    rules.push({
      name: `${room}-packages`,
      comment: `src/${room} may use ${may.packages.length > 0 ? may.packages.join(', ') : 'no package'}.`,
      severity: 'error',
      from,
      to: {
        path: packageFolder([]),
        ...(may.packages.length > 0 && { pathNot: packageFolder(may.packages) }),
      },
    });
  }
  if (may.builtins) {
    rules.push({
      name: `${room}-builtins`,
      comment: `src/${room} may use ${may.builtins.length > 0 ? may.builtins.join(', ') : 'nothing'} of Node.`,
      severity: 'error',
      from,
      to: {
        dependencyTypes: ['core'],
        ...(may.builtins.length > 0 && { pathNot: `^(node:)?${oneOf(may.builtins)}$` }),
      },
    });
  }
  return rules;
});

/** What enters the sandbox bundle is the whole reach of src/workflows, so a helper of a helper counts. */
const sandboxRules = [
  {
    name: 'sandbox-reaches-no-builtin',
    comment: 'Nothing in the workflow bundle may need Node itself: it would not replay, and does not bundle.',
    severity: 'error',
    from: { path: '^src/workflows/' },
    to: { path: anyBuiltin, reachable: true },
  },
  {
    name: 'sandbox-reaches-no-other-room',
    comment:
      'The workflow bundle holds workflows, contracts and explain. The plan comes with the look that opens a pass, so that a changed registry changes no run that is under way; effects are reached by activities.',
    severity: 'error',
    from: { path: '^src/workflows/' },
    to: {
      path: '^src/',
      pathNot: '^src/(workflows|contracts|explain)/',
      reachable: true,
    },
  },
  {
    name: 'sandbox-reaches-no-package',
    comment: 'The workflow bundle holds no package but @temporalio/workflow, @temporalio/common and valibot.',
    severity: 'error',
    from: { path: '^src/workflows/' },
    to: {
      path: packageFolder([]),
      pathNot: packageFolder(['@temporalio/workflow', '@temporalio/common', 'valibot']),
      reachable: true,
    },
  },
];

const registryRules = [
  {
    name: 'registries-only-read-by-plan-and-catalogue',
    comment: `What is registered is asked of ${readers.join(' and ')}, which order it and look names up.`,
    severity: 'error',
    from: { path: '^src/', pathNot: readers.map(roomPattern) },
    to: { path: registries.map(roomPattern) },
  },
  {
    name: 'processors-reached-by-registry',
    comment: 'The engine knows no processor by name: only the rehearsal, which plays one of them, does.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/processors/', '^src/rehearsal/'] },
    to: { path: '^src/processors/[^/]+/' },
  },
];

const adapterRules = [
  {
    name: 'duckdb-only-in-its-adapter',
    comment: 'DuckDB is an adapter: everyone else speaks to the port, src/warehouse/warehouse.ts.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/warehouse/duckdb/' },
    to: { path: packageFolder(['@duckdb/node-api']) },
  },
  {
    name: 'bigquery-only-in-its-adapter',
    comment: 'BigQuery is an adapter: everyone else speaks to the port, src/warehouse/warehouse.ts.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/warehouse/bigquery/' },
    to: { path: packageFolder(['@google-cloud/bigquery']) },
  },
  {
    name: 'adapters-only-built-by-roots',
    comment:
      'src/worker.ts, src/client.ts, src/gateway/main.ts and src/cli/main.ts choose the adapter and hand it on.',
    severity: 'error',
    from: { path: '^src/', pathNot: [compositionRoots, '^src/warehouse/(duckdb|bigquery)/'] },
    to: { path: '^src/warehouse/(duckdb|bigquery)/' },
  },
  {
    name: 'adapters-apart',
    comment: 'Neither adapter knows the other; what they share lies in src/warehouse.',
    severity: 'error',
    from: { path: '^src/warehouse/(duckdb|bigquery)/' },
    to: { path: '^src/warehouse/(duckdb|bigquery)/', pathNot: '^src/warehouse/$1/' },
  },
];

const ruledFiles = [
  `^src/${oneOf(Object.keys(rooms).filter((name) => !isFile(name)))}/`,
  '^src/(worker|workflow-worker|client)\\.ts$',
];

const rootRules = [
  {
    name: 'workflows-named-not-imported',
    comment: 'Workflows are started by name (src/contracts) and found by the bundler; no code imports them.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/workflows/' },
    to: { path: '^src/workflows/' },
  },
  {
    name: 'worker-imported-by-none',
    comment: 'src/worker.ts is a process of its own.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^src/(worker|workflow-worker)\\.ts$' },
  },
  {
    name: 'cli-imported-by-none',
    comment: 'src/cli is a surface: code that others need belongs in another room.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/cli/' },
    to: { path: '^src/cli/' },
  },
  {
    name: 'gateway-imported-by-none',
    comment: 'src/gateway is a surface: code that others need belongs in another room.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/gateway/' },
    to: { path: '^src/gateway/' },
  },
  {
    name: 'unruled-room-imports',
    comment: 'A new folder in src needs a line in the table of .dependency-cruiser.cjs.',
    severity: 'error',
    from: { path: '^src/', pathNot: ruledFiles },
    to: {},
  },
  {
    name: 'unruled-room-imported',
    comment: 'A new folder in src needs a line in the table of .dependency-cruiser.cjs.',
    severity: 'error',
    from: {},
    to: { path: '^src/', pathNot: ruledFiles },
  },
];

const generalRules = [
  {
    name: 'no-circular',
    comment: 'A cycle means that neither module can be read, tested or loaded without the other.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'not-to-unresolvable',
    comment: 'What cannot be found cannot be judged by the other rules.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-undeclared-package',
    comment: 'Used, but not in package.json: it is here by luck.',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'src-needs-no-dev-package',
    comment: 'src runs where only dependencies are installed.',
    severity: 'error',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'src-needs-no-test-code',
    comment: 'Tests and scripts import src, never the other way round.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|scripts)/' },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...sandboxRules,
    ...registryRules,
    ...adapterRules,
    ...rootRules,
    ...generalRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/replay/histories/' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
