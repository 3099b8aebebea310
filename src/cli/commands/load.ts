/** `phase3 load DIR`: checks every file whole, then replaces the partitions they bring, each table atomically. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { tableOf } from '../../tables/catalogue';
import type { OlderRows } from '../../control/protocol';
import { controlOf, type Context } from '../context';
import { findRawFiles, readRawFile, type RawFile } from '../raw-files';

export interface LoadedTable {
  readonly table: string;
  readonly rows: number;
  /** Rows of these dates that were there before. */
  readonly replaced: number;
  readonly dates: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Dates whose rows were newer than those that replaced them. Left out where there is none. */
  readonly older?: readonly OlderRows[];
}

/** Loads a folder. Every file is checked before the first is loaded, so that an invalid file leaves nothing written. */
export async function load(context: Context, folder: string): Promise<LoadedTable[]> {
  const files = await findRawFiles(resolve(folder));
  const control = await controlOf(context);
  await mkdir(context.stack.home.scratch, { recursive: true });
  const spool = await mkdtemp(join(context.stack.home.scratch, 'load-'));
  try {
    const checked: { file: RawFile; path: string }[] = [];
    for (const file of files) checked.push({ file, path: await spoolDecoded(context, file, spool) });
    const loaded: LoadedTable[] = [];
    for (const { file, path } of checked) {
      const report = await control.load(file.table, createReadStream(path));
      loaded.push({
        table: file.table,
        rows: report.rows,
        replaced: report.replaced,
        dates: report.dates.length,
        from: report.dates[0] ?? null,
        to: report.dates.at(-1) ?? null,
        ...(report.older ? { older: report.older } : {}),
      });
      if (report.older) context.say(describeOlder(file.table, report.older));
    }
    return loaded;
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

/** What an older file did, as a sentence. */
function describeOlder(table: string, older: readonly OlderRows[]): string {
  const [first] = older;
  const more = older.length > 1 ? `, and of ${older.length - 1} more dates` : '';
  return `${table}: the rows of ${first?.gameDate}${more} that were replaced are newer (processed_at ${first?.stored}) than those of the file (${first?.loaded}). If it is an older file, a correction is undone: load the newer one.`;
}

/** Odd values that are told one by one. */
const mostOdd = 10;

async function spoolDecoded(context: Context, file: RawFile, folder: string): Promise<string> {
  const path = join(folder, `${file.table}.ndjson`);
  const warn = (field: string): void =>
    context.say(`${file.path}: the field ${field} is not a column of ${file.table} and is ignored`);
  const { key } = tableOf(file.table);
  const seen = new Set<string>();
  let again = 0;
  let odd = 0;
  // A file of another vocabulary has one on each line.
  const tell = (sentence: string): void => {
    odd += 1;
    if (odd <= mostOdd) context.say(sentence);
  };
  await pipeline(async function* () {
    for await (const row of readRawFile(file, warn, tell)) {
      const id = key.map((column) => String(row[column])).join('/');
      if (seen.has(id)) again += 1;
      seen.add(id);
      yield `${JSON.stringify(row)}\n`;
    }
  }, createWriteStream(path));
  if (odd > mostOdd) context.say(`${file.path}: and ${odd - mostOdd} more lines like these`);
  if (again > 0)
    context.say(
      `${file.path}: ${again} rows repeat a key (${key.join(', ')}); the row with the newest processed_at is used`,
    );
  return path;
}

export const addLoad: AddCommand = (root, context) => {
  root
    .command('load')
    .argument('<DIR>', 'a folder with nba_raw/<table>.ndjson[.gz]')
    .description('load raw rows: replace the partitions in the files, each table atomically; starts no run')
    .option('--json', jsonHelp)
    .action(async (folder: string, { json }: JsonOption) => {
      const loaded = await load(context, folder);
      if (json) printJson(context.print, { tables: loaded });
      else
        for (const { table, rows, replaced, dates, from, to } of loaded)
          context.print(
            `${table}: ${rows} rows, ${dates} dates, ${from ?? ''} to ${to ?? ''}${replaced === 0 ? '' : `; they replace ${replaced} rows`}`,
          );
    });
};
