/** Rows as lines of JSON, in and out: each is decoded by its table, and the first bad one is named by its number. */
import type { Readable } from 'node:stream';
import { parseJson } from '../contracts/json-text';
import { tableOf, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { decodeGivenRow } from '../warehouse/decode-row';
import { WarehouseError } from '../warehouse/errors';
import { linesOf } from './lines';

const rowsPerBatch = 500;

/** Rows of a load, in batches. The command line has decoded them already; a worker trusts no input all the same. */
export async function* decodeLines(table: TableName, body: Readable): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  let number = 0;
  for await (const line of linesOf(body)) {
    number += 1;
    if (line.trim() === '') continue;
    const decoded = decodeGivenRow(tableOf(table), parseLine(table, number, line));
    if (!decoded.ok) {
      const [fault] = decoded.faults;
      throw new WarehouseError('bad_rows', `${table}, row ${number}: ${fault?.field} ${fault?.problem}`);
    }
    batch.push(decoded.row);
    if (batch.length >= rowsPerBatch) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function parseLine(table: TableName, number: number, line: string): unknown {
  const parsed = parseJson(line);
  if (parsed.ok) return parsed.value;
  const problem = parsed.code === 'too_deep' ? parsed.problem : 'is not a complete JSON object';
  throw new WarehouseError('bad_rows', `${table}, row ${number}: ${problem}`);
}

/** Rows of an export, as lines. */
export async function* toLines(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  for await (const rows of batches)
    if (rows.length > 0) yield `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
}
