/** `phase3 wait DATE --for STATE`: waits until a date is in a state, and starts nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { newYorkDate } from '../../contracts/new-york';
import { runStates, type RunState } from '../../contracts/phase3';
import type { Phase3Client } from '../../client';
import { requireGameDate, requireTimeoutMs } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, CommandError, controlOf, exitCodes, withClient, type Context } from '../context';
import { printJson } from '../json';
import { within } from '../within';

/** What people wait for, and the states that are it. A date without games has nothing left to be published. */
const aliases: Readonly<Record<string, readonly RunState[]>> = {
  published: ['published', 'unchanged', 'skipped'],
  ended: runStates.filter((state) => state !== 'running' && state !== 'waiting'),
};

const pollMs = 2_000;

interface WaitedOptions extends JsonOption {
  readonly for: string;
  readonly timeout?: string;
}

interface Seen {
  readonly state: RunState | 'unknown';
  readonly isOpen: boolean;
}

/** The states that `--for` names. */
function requireStates(text: string): RunState[] {
  return text.split(',').flatMap((part) => {
    const name = part.trim();
    const found = aliases[name] ?? runStates.filter((state) => state === name);
    if (found.length > 0) return found;
    throw badInput(
      `--for names ${name}, which is no state. It takes ended, or one or more of ${runStates.join(', ')}.`,
    );
  });
}

/**
 * What Temporal's list says, for which no worker is needed, while the date's run is open; else what the record says, since dates of a
 * backfill may share a run.
 */
async function* statesOf(context: Context, client: Phase3Client, gameDate: string): AsyncGenerator<Seen> {
  for (;;) {
    const listed = await client.listed(gameDate);
    yield listed?.isOpen ? listed : await recordOf(context, gameDate);
    await pause(pollMs);
  }
}

async function recordOf(context: Context, gameDate: string): Promise<Seen> {
  const [known] = await (await controlOf(context)).standings(gameDate, gameDate);
  return { state: known?.state ?? 'unknown', isOpen: false };
}

export const addWait: AddCommand = (root, context) => {
  root
    .command('wait')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('wait until a date is in a state, and start nothing; exit code 3 when it is not in time')
    .option(
      '--for <STATE,STATE>',
      'published (also without games), ended (neither running nor waiting), or states of a date',
      'published',
    )
    .option('--timeout <DURATION>', 'how long to wait at most, such as 30s, 30m or 2h (default: no limit)')
    .option('--json', jsonHelp)
    .action(async (date: string, options: WaitedOptions) => {
      const gameDate = requireGameDate('DATE', date, newYorkDate(context.now()));
      const wanted = requireStates(options.for);
      const limitMs = options.timeout === undefined ? null : requireTimeoutMs(options.timeout);
      const seen = await withClient(context, (client) =>
        waitFor(context, client, { gameDate, wanted, limitMs, limit: options.timeout ?? '' }),
      );
      if (options.json) printJson(context.print, { gameDate, ...seen });
      else context.print(`${gameDate}: ${seen.state}`);
    });
};

interface Wanted {
  readonly gameDate: string;
  readonly wanted: readonly RunState[];
  readonly limitMs: number | null;
  readonly limit: string;
}

async function waitFor(
  context: Context,
  client: Phase3Client,
  { gameDate, wanted, limitMs, limit }: Wanted,
): Promise<Seen> {
  let last: Seen['state'] | null = null;
  const late = (): Error =>
    new CommandError(
      `${gameDate} is ${last === 'unknown' ? 'not run yet' : (last ?? 'not known')} after ${limit}. \`phase3 why ${gameDate}\` explains it.`,
      exitCodes.notReady,
      'timeout',
    );
  for await (const seen of within(statesOf(context, client, gameDate), limitMs, late)) {
    if (seen.state !== last)
      context.say(`${gameDate} is ${seen.state === 'unknown' ? 'not run yet' : seen.state}`);
    last = seen.state;
    if (wanted.some((state) => state === seen.state)) return seen;
  }
  throw new Error('a wait ends by its state or its limit');
}
