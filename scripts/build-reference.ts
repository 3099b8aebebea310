/**
 * Writes docs/reference and docs/observability from the code: `npm run docs:reference`. With `--check` nothing is written, and the exit code is 1 when a page
 * is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from './reference/commands';
import { configurationPage } from './reference/configuration';
import { httpPage } from './reference/http';
import { grafanaDashboard } from './observability/dashboard';
import { prometheusRules } from './observability/rules';
import { metricsPage } from './reference/metrics';
import { notificationsPage } from './reference/notifications';
import { rulesPage } from './reference/rules';
import { tablesPage } from './reference/tables';

const folder = join(process.cwd(), 'docs');

/** How each kind of file is laid out. */
const parsers: Readonly<Record<string, string>> = { md: 'markdown', json: 'json', yml: 'yaml' };

async function main(isCheck: boolean): Promise<void> {
  const pages: Readonly<Record<string, string>> = {
    'reference/commands.md': commandsPage(),
    'reference/configuration.md': configurationPage(),
    'reference/http.md': await httpPage(),
    'reference/metrics.md': metricsPage(),
    'reference/notifications.md': notificationsPage(),
    'reference/rules.md': rulesPage(),
    'reference/tables.md': tablesPage(),
    'observability/grafana-dashboard.json': grafanaDashboard(),
    'observability/prometheus-rules.yml': prometheusRules(),
  };
  for (const name of Object.keys(pages)) mkdirSync(join(folder, dirname(name)), { recursive: true });
  const stale: string[] = [];
  for (const [name, text] of Object.entries(pages)) {
    const path = join(folder, name);
    const parser = parsers[extname(name).slice(1)] ?? 'markdown';
    const wanted = await format(text, { ...(await resolveConfig(path)), parser });
    if (wanted === written(path)) continue;
    stale.push(`docs/${name}`);
    if (!isCheck) writeFileSync(path, wanted);
  }
  if (!isCheck) process.stdout.write(stale.map((path) => `Wrote ${path}\n`).join(''));
  else if (stale.length > 0) {
    process.stdout.write(`Out of date: ${stale.join(', ')}. \`npm run docs:reference\` writes them.\n`);
    process.exitCode = 1;
  }
}

/** Null where the page is not there yet. */
function written(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

void main(process.argv.includes('--check'));
