/** Judges a stack that has been left alone, by what it has left behind and what its own commands say of it. */
import { datesWorkflowType } from '../../src/contracts/identity';
import { checkOrder } from '../verify/check-order';
import { parsed } from './asking';
import type { Backfills } from './backfills';
import { readBackfills, readEvidence } from './evidence';
import { found, type Finding } from './findings';
import { answeredDates, judgeBackfills } from './judge-backfills';
import {
  judgeCorruption,
  judgeDecisions,
  judgeEnd,
  judgeFigures,
  judgeRecords,
  judgeRows,
  judgeVersions,
} from './judge-date';
import type { Delivery, Feed } from './feed';
import type { Decision } from './operators';
import type { Acknowledged } from './pusher';
import type { ChaosStack } from './stack';

export interface ToJudge {
  readonly stack: ChaosStack;
  /** By date, ascending. */
  readonly feeds: readonly Feed[];
  /** What was loaded of each date, in order. */
  readonly loaded: ReadonlyMap<string, readonly Delivery[]>;
  readonly acknowledged: readonly Acknowledged[];
  /** Ids of messages that were acknowledged because they can never be taken. */
  readonly kept: readonly string[];
  readonly decisions: readonly Decision[];
  readonly backfills: Pick<Backfills, 'accepted' | 'decisions'>;
}

/** While some rows are still corrupted: nothing that is bad is live. */
export async function judgeMidway({ stack, feeds }: ToJudge): Promise<Finding[]> {
  const dates = feeds.map(({ gameDate }) => gameDate);
  const evidence = await readEvidence(await stack.control(), await stack.temporal(), dates);
  return evidence.flatMap((one) => [
    ...judgeVersions(one),
    ...judgeFigures(one),
    ...feeds.flatMap((feed) => (feed.gameDate === one.gameDate ? judgeCorruption(one, feed) : [])),
  ]);
}

/** When all that is true has come: everything. */
export async function judgeAll(
  left: ToJudge,
): Promise<{ findings: Finding[]; runs: number; sharedRuns: number }> {
  const { stack, feeds, loaded, acknowledged, decisions } = left;
  const client = await stack.temporal();
  const dates = feeds.map(({ gameDate }) => gameDate);
  const evidence = await readEvidence(await stack.control(), client, dates);
  const order = await checkOrder(client);
  const backfills = await readBackfills(client);
  const believed = [...acknowledged, ...answeredDates(backfills)];
  return {
    runs: order.runs,
    sharedRuns: (await client.workflow.count(`WorkflowType = '${datesWorkflowType}'`)).count,
    findings: [
      ...order.violations.map(({ gameDate, sentence }) => found('order', gameDate, sentence)),
      ...judgeBackfills(backfills, left.backfills.accepted, left.backfills.decisions),
      ...evidence.flatMap((one) => [
        ...judgeVersions(one),
        ...judgeFigures(one),
        ...judgeRows(one),
        ...judgeRecords(one, loaded.get(one.gameDate) ?? [], believed),
        ...judgeEnd(one),
        ...judgeDecisions(one, decisions),
      ]),
      ...(await judgeDeadLetters(left)),
      ...(await judgeByCommands(stack, dates)),
    ],
  };
}

/** What can never be taken was acknowledged, so it is kept, each message once. */
async function judgeDeadLetters({ stack, kept }: ToJudge): Promise<Finding[]> {
  const control = await stack.control();
  const range = await control.dateRange('dead_letter');
  const letters: unknown[] = [];
  if (range)
    for await (const row of control.export('dead_letter', range.from, range.to))
      letters.push(row['message_id']);
  return [...new Set(kept)].flatMap((messageId) => {
    const times = letters.filter((one) => one === messageId).length;
    return times === 1
      ? []
      : [found('nothing lost', null, `message ${messageId} is ${times} times among the dead letters`)];
  });
}

/** What `verify` and `audit verify` say of all of it. */
async function judgeByCommands(stack: ChaosStack, dates: readonly string[]): Promise<Finding[]> {
  const range = `${dates[0]}..${dates.at(-1)}`;
  const [verified, chain] = [
    await stack.run('verify', range, '--json'),
    await stack.run('audit', 'verify', range, '--json'),
  ];
  const { dates: judged = [] } = parsed<{
    dates: { game_date: string; tables: { findings: string[]; table: string }[] }[];
  }>(verified.stdout);
  const { faults = [] } = parsed<{ faults: { game_date?: string }[] }>(chain.stdout);
  const altered = judged.flatMap(({ game_date: gameDate, tables }) =>
    tables.flatMap(({ table, findings }) =>
      findings.map((one) => found('no bad row', gameDate, `phase3 verify: ${table} is ${one}`)),
    ),
  );
  const broken = faults.map((fault) =>
    found('decisions', fault.game_date ?? null, `phase3 audit verify: ${JSON.stringify(fault)}`),
  );
  return [
    ...altered,
    ...broken,
    ...(verified.code !== 0 && altered.length === 0
      ? [
          found(
            'no bad row',
            null,
            `phase3 verify ended with ${verified.code}: ${verified.stderr.slice(-300)}`,
          ),
        ]
      : []),
    ...(chain.code !== 0 && broken.length === 0
      ? [
          found(
            'decisions',
            null,
            `phase3 audit verify ended with ${chain.code}: ${chain.stderr.slice(-300)}`,
          ),
        ]
      : []),
  ];
}
