/**
 * Takes the pictures of the docs anew, from a throw-away local stack in a real browser: `npm run docs:pictures`.
 * The browser is Debian's Chromium, or what PHASE3_BROWSER names.
 */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { chromium, type Page } from 'playwright-core';
import { ownCheckout } from './bench/checkout';
import { System, until } from './bench/system';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
const executablePath = process.env['PHASE3_BROWSER'] ?? '/usr/bin/chromium';
/** A night that has all its rows, and one that lacks the team rows of a game. */
const dates = { complete: '2017-04-16', incomplete: '2017-05-01' };
const lateGame = '20170501_HOU_SAS';
/** It gives up within a minute: a picture of half an hour would look the same. */
const patience = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '4',
  PHASE3_GATE_LONGEST_WAIT_SECONDS: '16',
  PHASE3_GATE_DEADLINE_SECONDS: '50',
  PHASE3_NOW: '2017-05-02T09:00:00Z',
};

/** Writes the demo's rows without the team rows of the late game. */
async function writeLateRows(folder: string): Promise<void> {
  await cp(join(root, 'data', 'demo'), folder, { recursive: true });
  const file = join(folder, 'nba_raw', 'nbac_team_boxscore.ndjson.gz');
  const lines = gunzipSync(await readFile(file))
    .toString()
    .split('\n');
  await writeFile(file, gzipSync(lines.filter((line) => !line.includes(lateGame)).join('\n')));
}

/** Takes a picture of a date's run in the Temporal UI, from its head to the foot of its timeline. */
async function picture(page: Page, ui: string, gameDate: string, file: string): Promise<void> {
  const workflowId = encodeURIComponent(`phase3/${gameDate}`);
  await page.goto(`${ui}/namespaces/default/workflows/${workflowId}`);
  await page.getByText('recordPass').first().waitFor();
  // The timeline is drawn again as its events come in.
  await page.waitForTimeout(3_000);
  await page.screenshot({ path: join(root, 'docs', 'images', file) });
}

async function main(): Promise<void> {
  if (!existsSync(executablePath))
    throw new Error(
      `There is no browser at ${executablePath}. Install Debian's chromium, or name one in PHASE3_BROWSER.`,
    );
  const data = await mkdtemp(join(tmpdir(), 'phase3-pictures-'));
  const browser = await chromium.launch({ executablePath });
  try {
    await writeLateRows(data);
    await System.with(await ownCheckout(root), patience, async (system) => {
      await system.command('load', data);
      const { temporal_ui: ui } = await system.json<{ temporal_ui: string }>('status');
      const page = await browser.newPage({ viewport: { width: 1300, height: 1080 } });
      await system.push(dates.complete);
      await picture(page, ui, dates.complete, 'night.png');
      await system.command('run', dates.incomplete);
      await until('blocked date', async () =>
        (await system.command('status', dates.incomplete)).includes('blocked') ? true : null,
      );
      await picture(page, ui, dates.incomplete, 'waiting.png');
    });
  } finally {
    await browser.close();
    await rm(data, { recursive: true, force: true });
  }
}

System.closeOnSignals();

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
