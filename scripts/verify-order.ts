/**
 * Proves from the durable histories that no player activity started before the offence of its pass had published:
 * `npm run verify:order [-- --json]`. Reads the server of the present PHASE3_HOME, or the one TEMPORAL_ADDRESS names.
 * Exit codes: 0 in order · 1 a violation, or the histories cannot be read · 2 bad arguments.
 */
import { parseArgs } from 'node:util';
import { InvalidConfigError, readConfig } from '../src/config/config';
import { visibleLine } from '../src/contracts/visible-text';
import { Stack } from '../src/stack/stack';
import { checkOrder, orderLines } from './verify/check-order';
import { NotUpError, withTemporal } from './verify/connect';

function say(line: string): void {
  process.stderr.write(`${visibleLine(line)}\n`);
}

function readArguments(): { json: boolean } | null {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
    return values;
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\nUsage: npm run verify:order [-- --json]`);
    return null;
  }
}

async function main(): Promise<number> {
  const options = readArguments();
  if (!options) return 2;
  const config = readConfig();
  // The stack is only asked where Temporal is; no worker is started from here.
  const target = await new Stack(config, { build: { id: '', root: '' }, gateway: '' }, say).temporal();
  if (!target)
    throw new NotUpError(
      `The local stack of ${config.home} is not up. Start it with \`phase3 up\`, or set TEMPORAL_ADDRESS.`,
    );
  const report = await withTemporal(target, checkOrder);
  if (options.json) {
    const { runs, dates, playerActivities, violations } = report;
    const document = {
      ...{ runs, dates },
      player_activities: playerActivities,
      violations: violations.map(({ workflowId, runId, gameDate, eventId, rule, sentence }) => ({
        workflow_id: workflowId,
        run_id: runId,
        game_date: gameDate,
        event_id: eventId,
        rule,
        sentence,
      })),
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else for (const line of orderLines(report)) process.stdout.write(`${visibleLine(line)}\n`);
  return report.violations.length > 0 ? 1 : 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const isSentence = error instanceof NotUpError || error instanceof InvalidConfigError;
    say(isSentence ? error.message : `The histories could not be judged: ${String(error)}`);
    process.exitCode = 1;
  },
);
