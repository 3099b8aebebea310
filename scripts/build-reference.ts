/**
 * Writes docs/reference from the code: `npm run docs:reference`. With `--check` nothing is written, and the exit code is 1 when a page
 * is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from './reference/commands';
import { configurationPage } from './reference/configuration';
import { httpPage } from './reference/http';
import { metricsPage } from './reference/metrics';
import { rulesPage } from './reference/rules';
import { tablesPage } from './reference/tables';

const folder = join(process.cwd(), 'docs', 'reference');

async function main(isCheck: boolean): Promise<void> {
  const pages: Readonly<Record<string, string>> = {
    'commands.md': commandsPage(),
    'configuration.md': configurationPage(),
    'http.md': await httpPage(),
    'metrics.md': metricsPage(),
    'rules.md': rulesPage(),
    'tables.md': tablesPage(),
  };
  mkdirSync(folder, { recursive: true });
  const stale: string[] = [];
  for (const [name, text] of Object.entries(pages)) {
    const path = join(folder, name);
    const wanted = await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
    if (wanted === written(path)) continue;
    stale.push(`docs/reference/${name}`);
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
