/**
 * `node dist/scripts/record-history.js SCENARIO WORKFLOW_ID [RUN_ID]`: keeps a run's history from the present stack as
 * `test/replay/histories/<workflow>.<scenario>.<version>.json`. Recorded histories are only ever added.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { readConfig } from '../src/config/config';
import { Stack } from '../src/stack/stack';

const root = join(__dirname, '..', '..');

async function main([scenario, workflowId, runId]: string[]): Promise<void> {
  if (!scenario || !workflowId) throw new Error('usage: record-history SCENARIO WORKFLOW_ID [RUN_ID]');
  const target = await new Stack(readConfig(), '', () => undefined).temporal();
  if (!target) throw new Error('The local stack is not up. Start it with `phase3 up`.');
  const connection = await Connection.connect(target.connection);
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const handle = client.workflow.getHandle(workflowId, runId);
    const { type } = await handle.describe();
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const path = join(root, 'test', 'replay', 'histories', `${type}.${scenario}.${version}.json`);
    if (existsSync(path)) throw new Error(`${path} is there already; recorded histories are not replaced.`);
    const history = historyToJSON(await handle.fetchHistory());
    writeFileSync(path, `${JSON.stringify({ workflowId, history: JSON.parse(history) as unknown })}\n`);
    process.stdout.write(`${path}\n`);
  } finally {
    await connection.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
