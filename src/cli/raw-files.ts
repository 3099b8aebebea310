/** Reads `nba_raw/<table>.ndjson[.gz]`: decodes every line, names file, line and field of the first fault. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseJson } from '../contracts/json-text';
import { cut } from '../contracts/schema';
import { linesOf } from '../control/lines';
import { bareTableName, isRawTableName, rawTables, tableOf, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { decodeRow } from '../warehouse/decode-row';
import { badInput } from './context';
import { nearest } from '../requests/nearest';

export interface RawFile {
  readonly table: TableName;
  readonly path: string;
}

/** The raw files of a folder, in a fixed order. Throws `badInput` when there is none, or one of an unknown table. */
export async function findRawFiles(folder: string): Promise<RawFile[]> {
  const raw = join(folder, 'nba_raw');
  const names = await readdir(raw).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw badInput(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${raw} is not there. DIR is a folder that holds nba_raw/<table>.ndjson or .ndjson.gz.`
        : `${raw} cannot be read (${message}).`,
    );
  });
  const files = names.sort().flatMap((name): RawFile[] => {
    const match = /^(.+)\.ndjson(\.gz)?$/.exec(name);
    if (!match?.[1]) return [];
    const table = bareTableName(match[1]);
    if (isRawTableName(table)) return [{ table, path: join(raw, name) }];
    const near = nearest(match[1], Object.keys(rawTables));
    throw badInput(
      `${join(raw, name)}: there is no raw table "${match[1]}".${near && ` ${near}`} Raw tables: ${Object.keys(rawTables).join(', ')}.`,
    );
  });
  if (files.length === 0)
    throw badInput(
      `${raw} has no file to load. Expected ${Object.keys(rawTables)
        .map((table) => `${table}.ndjson[.gz]`)
        .join(', ')}.`,
    );
  for (const { table } of files) {
    const same = files.filter((file) => file.table === table);
    if (same.length > 1)
      throw badInput(`${table} is there twice: ${same.map((file) => file.path).join(' and ')}. Keep one.`);
  }
  return files;
}

/** Decoded rows of a file, line by line. `onUnknown` is called with fields that the table does not declare, once each. */
export async function* readRawFile(file: RawFile, onUnknown: (field: string) => void): AsyncGenerator<Row> {
  const table = tableOf(file.table);
  const seenUnknown = new Set<string>();
  let number = 0;
  let rows = 0;
  try {
    for await (const line of readLines(file.path)) {
      number += 1;
      if (line.trim() === '') continue;
      // Some editors put a byte order mark first.
      const decoded = decodeRow(table, parseLine(file, number, line.replace(/^\uFEFF/, '')));
      if (!decoded.ok) {
        const faults = decoded.faults.map(({ field, problem }) => `${field} ${problem}`).join('; ');
        throw badInput(`${file.path}, line ${number}: ${faults}. Nothing of it was loaded.`);
      }
      for (const field of decoded.unknownFields)
        if (!seenUnknown.has(field)) {
          seenUnknown.add(field);
          onUnknown(field);
        }
      rows += 1;
      yield decoded.row;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR' || message === 'unexpected end of file')
      throw badInput(
        `${file.path}, after line ${number}: the compressed file ends in the middle; it was cut off. Nothing of it was loaded.`,
      );
    if (code === 'Z_DATA_ERROR')
      throw badInput(`${file.path} is not a complete gzip file (${message}). Nothing of it was loaded.`);
    if (code?.startsWith('E')) throw badInput(`${file.path} cannot be read (${message}).`);
    throw error;
  }
  if (rows === 0) throw badInput(`${file.path} contains no rows. Nothing of it was loaded.`);
}

function parseLine(file: RawFile, number: number, line: string): unknown {
  const parsed = parseJson(line);
  if (parsed.ok) return parsed.value;
  const where = `${file.path}, line ${number}:`;
  throw badInput(
    parsed.code === 'too_deep'
      ? `${where} ${parsed.problem}. Nothing of it was loaded.`
      : `${where} is not a complete JSON object (${cut(line)}). If it is the last line, the file was cut off. Nothing of it was loaded.`,
  );
}

/** Lines of a file, unzipped if its name says so. An error of either stream is thrown after the lines before it. */
function readLines(path: string): AsyncGenerator<string> {
  const source = createReadStream(path);
  // pipeline hands an error of the source on to what is read from; it is thrown there.
  const text = path.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source;
  return linesOf(text);
}
