/**
 * The arrows between rooms as the design has them, written down apart from `.dependency-cruiser.cjs`
 * so that a slip there shows, and the tree in which every module imports every other.
 */

const rooms = [
  ...['workflows', 'contracts', 'plan', 'tables', 'sources', 'games', 'processors', 'gate', 'publishing'],
  ...['activities', 'warehouse', 'dates', 'builds'],
  ...['control', 'stack', 'cli', 'config', 'observability', 'requests', 'adoption', 'verify', 'versions'],
  ...['audit', 'explain', 'explain-figure', 'notifications', 'schedules', 'rehearsal', 'gateway', 'client'],
  'deploy',
];

/** What can be imported: a module of each room, the modules that are named in a rule, and what is not ours. */
const targets = [
  ...rooms.map((room) => `src/${room}/target.ts`),
  'src/tables/catalogue.ts',
  'src/plan/levels.ts',
  'src/plan/registry.ts',
  'src/sources/define-source.ts',
  'src/sources/registry.ts',
  'src/processors/define-processor.ts',
  'src/processors/define-columns.ts',
  'src/processors/define-rule.ts',
  'src/processors/registry.ts',
  'src/processors/a-table/index.ts',
  'src/publishing/fingerprint.ts',
  'src/publishing/kept-reader.ts',
  'src/publishing/raw-kept.ts',
  'src/publishing/raw-moves.ts',
  'src/publishing/moved-raw.ts',
  'src/adoption/compare-rows.ts',
  'src/publishing/canonical-json.ts',
  'src/warehouse/warehouse.ts',
  'src/warehouse/errors.ts',
  'src/warehouse/decode-row.ts',
  'src/warehouse/asker.ts',
  'src/warehouse/duckdb/target.ts',
  'src/warehouse/bigquery/target.ts',
  'src/activities/ask-date.ts',
  'src/control/client.ts',
  'src/control/dead-letters.ts',
  'src/gateway/main.ts',
  'src/shed/target.ts',
  'src/worker.ts',
  'src/client.ts',
  'src/cli/main.ts',
  'test/target.ts',
  'scripts/target.ts',
  'node:fs',
  'node:crypto',
  '@temporalio/workflow',
  '@temporalio/common',
  '@temporalio/client',
  '@temporalio/activity',
  '@temporalio/worker',
  '@duckdb/node-api',
  '@google-cloud/bigquery',
  'async-mutex',
  'commander',
  'fastest-levenshtein',
  'fastify',
  'valibot',
  'jest', // ours, but only for development
  'memfs', // installed, but not ours
  'nowhere', // not installed
];

const requests = 'src/requests/target.ts';
const decode = 'src/warehouse/decode-row.ts';
const asker = 'src/warehouse/asker.ts';
const port = ['src/warehouse/warehouse.ts', 'src/warehouse/errors.ts'];
const adapters = ['src/warehouse/duckdb/target.ts', 'src/warehouse/bigquery/target.ts'];
const sandbox = ['@temporalio/workflow', '@temporalio/common'];
const canonicalJson = 'src/publishing/canonical-json.ts';
const kept = ['src/publishing/kept-reader.ts', 'src/publishing/raw-kept.ts', 'src/publishing/raw-moves.ts'];
const movedRaw = 'src/publishing/moved-raw.ts';
const publishing = [
  ...['src/publishing/target.ts', 'src/publishing/fingerprint.ts', canonicalJson],
  ...[...kept, movedRaw],
];
const control = ['src/control/target.ts', 'src/control/client.ts', 'src/control/dead-letters.ts'];
const node = ['node:fs', 'node:crypto'];
const anyPackage = [
  ...sandbox,
  '@temporalio/client',
  '@temporalio/activity',
  '@temporalio/worker',
  'async-mutex',
  'commander',
  'fastest-levenshtein',
  'fastify',
  'valibot',
];
const anything = [...node, ...anyPackage];

const catalogue = 'src/tables/catalogue.ts';
const tables = ['src/tables/target.ts', catalogue];
const contracts = 'src/contracts/target.ts';
const [levels, planRegistry] = ['src/plan/levels.ts', 'src/plan/registry.ts'];
const plan = ['src/plan/target.ts', levels, planRegistry];
const games = 'src/games/target.ts';
const columns = 'src/processors/define-columns.ts';
const definitions = [
  'src/sources/define-source.ts',
  'src/processors/define-processor.ts',
  columns,
  'src/processors/define-rule.ts',
];
const registries = ['src/sources/registry.ts', 'src/processors/registry.ts'];
/** What is in the rooms of sources and processors, without the lists of all that there are. */
const sources = ['src/sources/target.ts', 'src/sources/define-source.ts'];
const processors = [
  ...[
    'src/processors/target.ts',
    'src/processors/define-processor.ts',
    columns,
    'src/processors/define-rule.ts',
  ],
  'src/processors/a-table/index.ts',
];
const gate = 'src/gate/target.ts';
const config = 'src/config/target.ts';
const observability = 'src/observability/target.ts';
const stack = 'src/stack/target.ts';
const builds = 'src/builds/target.ts';
const compareRows = 'src/adoption/compare-rows.ts';
const adoption = ['src/adoption/target.ts', compareRows];
const versions = 'src/versions/target.ts';
const verify = 'src/verify/target.ts';
const dates = 'src/dates/target.ts';
const audit = 'src/audit/target.ts';
const explain = 'src/explain/target.ts';
const explainFigure = 'src/explain-figure/target.ts';
const notifications = 'src/notifications/target.ts';
const askDate = 'src/activities/ask-date.ts';
const schedules = 'src/schedules/target.ts';
const rehearsal = 'src/rehearsal/target.ts';
const deploy = 'src/deploy/target.ts';

/** Every module that imports all targets, with those that it may. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'src/tables/source.ts': [...tables],
  'src/contracts/source.ts': [contracts, ...sandbox, 'valibot'],
  'src/contracts/named-fields.ts': [contracts, catalogue, planRegistry, 'valibot'],
  'src/tables/catalogue.ts': [...tables, 'src/sources/define-source.ts', ...registries],
  'src/sources/source.ts': [...sources, ...tables, contracts],
  'src/games/source.ts': [games, ...sources, ...tables, contracts],
  'src/processors/source.ts': [...processors, games, ...sources, ...tables, contracts],
  'src/processors/another/source.ts': [...processors, games, ...sources, ...tables, contracts],
  'src/plan/source.ts': [...plan, contracts, games, ...tables, ...definitions],
  'src/plan/registry.ts': [...plan, contracts, games, ...tables, ...definitions, ...registries],
  'src/gate/source.ts': [gate, contracts, games, ...tables, levels, 'src/publishing/fingerprint.ts'],
  'src/publishing/source.ts': [...publishing, contracts, ...tables, gate, 'node:crypto'],
  'src/explain/source.ts': [explain, contracts],
  'src/explain/explain-record.ts': [explain, contracts, planRegistry],
  'src/explain-figure/source.ts': [
    ...[
      explainFigure,
      contracts,
      games,
      ...tables,
      gate,
      planRegistry,
      'src/publishing/fingerprint.ts',
      'src/publishing/raw-kept.ts',
      movedRaw,
      columns,
    ],
  ],
  'src/dates/source.ts': [
    ...[dates, contracts, games, ...plan, ...tables, gate, ...publishing, ...port, 'node:crypto'],
  ],
  'src/workflows/source.ts': ['src/workflows/target.ts', contracts, explain, ...sandbox],
  'src/audit/source.ts': [audit, contracts, ...tables, canonicalJson, ...port, 'node:crypto'],
  'src/notifications/source.ts': [notifications, contracts, ...node],
  'src/schedules/source.ts': [schedules, contracts, ...plan, '@temporalio/client', '@temporalio/common'],
  'src/client/source.ts': [
    ...['src/client/target.ts', contracts, ...plan, requests, askDate],
    ...['@temporalio/client', '@temporalio/common', 'node:crypto'],
  ],
  'src/activities/source.ts': [
    ...[
      'src/activities/target.ts',
      askDate,
      contracts,
      ...plan,
      games,
      ...tables,
      gate,
      ...publishing,
      ...port,
      asker,
    ],
    ...[audit, dates, notifications, verify, versions],
    ...['@temporalio/activity', '@temporalio/common', ...node],
  ],
  'src/requests/source.ts': [requests, contracts, ...plan, ...tables, 'fastest-levenshtein', 'valibot'],
  'src/warehouse/source.ts': [
    'src/warehouse/target.ts',
    ...port,
    decode,
    asker,
    ...tables,
    contracts,
    ...anything,
  ],
  'src/warehouse/duckdb/source.ts': [
    ...['src/warehouse/target.ts', ...port, decode, asker, ...tables, contracts, ...anything],
    ...['src/warehouse/duckdb/target.ts', '@duckdb/node-api'],
  ],
  'src/warehouse/bigquery/source.ts': [
    ...['src/warehouse/target.ts', ...port, decode, asker, ...tables, contracts, ...anything],
    ...['src/warehouse/bigquery/target.ts', '@google-cloud/bigquery'],
  ],
  'src/adoption/source.ts': [
    ...[...adoption, contracts, ...plan, ...tables, gate, ...publishing, ...port, 'node:crypto'],
  ],
  'src/versions/source.ts': [
    ...[versions, contracts, ...tables, compareRows, 'src/publishing/fingerprint.ts', ...kept, ...port],
  ],
  'src/versions/preview-restore.ts': [
    ...[versions, contracts, ...plan, ...tables, gate, ...publishing, ...port],
  ],
  'src/verify/source.ts': [
    ...[verify, contracts, dates, ...plan, ...tables, gate, ...publishing, ...port],
    ...['valibot', 'node:crypto'],
  ],
  'src/control/source.ts': [
    ...control,
    builds,
    ...adoption,
    versions,
    explainFigure,
    verify,
    dates,
    ...publishing,
    contracts,
    ...tables,
    gate,
    ...plan,
    ...port,
    decode,
    ...anything,
  ],
  'src/builds/source.ts': [builds, audit, contracts, ...anything],
  'src/config/source.ts': [config, contracts, ...tables, ...anything],
  'src/observability/source.ts': [observability, contracts, ...anything],
  'src/stack/source.ts': [stack, builds, config, contracts, ...control, observability, ...anything],
  'src/rehearsal/source.ts': [
    ...[rehearsal, contracts, explain, gate, ...plan, games, ...processors, ...tables, stack, config],
    ...['src/control/client.ts', 'src/client.ts', ...node],
  ],
  'src/deploy/source.ts': [
    ...[deploy, builds, contracts, games, ...plan, ...tables, stack, config, compareRows],
    ...['src/control/client.ts', 'valibot', ...node],
  ],
  'src/gateway/source.ts': [
    ...['src/gateway/target.ts', 'src/gateway/main.ts', 'src/client.ts', 'src/control/client.ts'],
    ...[
      'src/control/dead-letters.ts',
      config,
      contracts,
      explain,
      ...plan,
      requests,
      ...tables,
      observability,
      notifications,
    ],
    ...[...port, '@temporalio/client', 'async-mutex', 'fastify', 'valibot', ...node],
  ],
  'src/cli/source.ts': [
    ...['src/cli/target.ts', 'src/cli/main.ts', 'src/client.ts'],
    ...[
      'src/control/client.ts',
      audit,
      builds,
      dates,
      explain,
      notifications,
      rehearsal,
      deploy,
      schedules,
      requests,
      versions,
      decode,
      contracts,
      ...plan,
      ...tables,
      stack,
      config,
      observability,
      ...anything,
    ],
  ],
  // The composition roots put everything together, but stay processes of their own.
  'src/cli/main.ts': roots('src/client.ts', 'src/cli/target.ts', 'src/cli/main.ts'),
  'src/gateway/main.ts': roots('src/client.ts', 'src/gateway/target.ts', 'src/gateway/main.ts'),
  'src/worker.ts': roots('src/client.ts'),
  'src/client.ts': roots('src/client.ts'),
  'src/shed/source.ts': [],
};

function roots(...own: readonly string[]): readonly string[] {
  const theirs = targets.filter(
    (target) =>
      /^src\/(?!(workflows|cli|gateway|shed)\/)[a-z-]+\//.test(target) &&
      ![...registries, 'src/processors/a-table/index.ts'].includes(target),
  );
  return [...own, ...theirs, ...adapters, ...anything];
}

/** `from -> to` for each import that must be refused. */
export function refusedImports(): string[] {
  return Object.entries(arrows).flatMap(([from, allowed]) =>
    targets.filter((to) => to !== from && !allowed.includes(to)).map((to) => `${from} -> ${to}`),
  );
}

/** Beside each module that imports every target by value stands one that does so by type only. */
export function moduleTexts(): Record<string, string> {
  const leaves = targets.filter((target) => /^(src|test|scripts)\//.test(target));
  const files = Object.fromEntries(leaves.map((path) => [path, 'export const planted = 1;\n']));
  for (const from of Object.keys(arrows)) {
    const others = targets.filter((to) => to !== from);
    const lines = others.map((to, n) => `import * as t${n} from '${specifier(from, to)}';`);
    const types = others.map((to, n) => `import type * as t${n} from '${specifier(from, to)}';`);
    const use = others.map((_to, n) => `t${n}`).join(', ');
    const typesOnly = from.replace(/\.ts$/, '-types-only.ts');
    files[from] = `${lines.join('\n')}\nexport const planted = [${use}];\n`;
    files[typesOnly] = `${types.join('\n')}\nexport type Planted = [${use.replace(/t\d+/g, 'typeof $&')}];\n`;
  }
  return files;
}

function specifier(from: string, to: string): string {
  if (!to.includes('.ts')) return to;
  return '../'.repeat(from.split('/').length - 1) + to.replace(/\.ts$/, '');
}
