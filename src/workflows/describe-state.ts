/** A date's state as Markdown, for the Temporal UI's details pane: what `phase3 why` says. Pure. */
import type { DateState } from '../contracts/date-state';
import { explainState, type Need, type ProcessorStanding } from '../explain/explain-date';

/** The sentence that matters first, what somebody can do, a table of processors, and what is found and expected. */
export function describeState(state: DateState): string {
  const why = explainState(state, true);
  const standings = why.levels.flatMap(({ level, processors }) =>
    processors
      .filter(({ standing }) => standing !== 'not asked for')
      .map((standing) => ({ level, ...standing })),
  );
  const lines = [
    `**${escape(why.headline)}**`,
    ...(why.acts.length > 0 ? ['', ...why.acts.map((act) => `- ${escape(act)}`)] : []),
    '',
    `State ${why.state}, pass ${state.pass}.`,
    '',
    '| level | processor | outcome | version | why |',
    '|---|---|---|---|---|',
    ...standings.map(({ level, processor, standing, version, reason, bypassIds }) =>
      tableRow(
        level,
        processor,
        standing,
        version ? `v${version}` : '',
        bypassIds.length > 0 ? `stands on bypass ${bypassIds.join(', ')}. ${reason}` : reason,
      ),
    ),
  ];
  if (why.waitingSince)
    lines.push(
      '',
      `**Waiting** since ${why.waitingSince}, ${why.probes} probes, next ${why.nextProbeAt ?? 'now'}, deadline ${why.deadline ?? '-'}`,
    );
  const evidence = standings.flatMap(evidenceRows);
  if (evidence.length > 0)
    lines.push(
      '',
      '| processor | table | found | expected | game | what is wrong |',
      '|---|---|---|---|---|---|',
      ...evidence,
    );
  return lines.join('\n');
}

/** What a processor lacks: a row a table and game. */
function evidenceRows({ processor, needs }: ProcessorStanding): string[] {
  return needs
    .filter((need) => need.status !== 'ready' || need.games.length > 0)
    .flatMap((need) => {
      const cells = [processor, need.table, need.found ?? '', need.expectedMin ?? ''] as const;
      if (need.games.length === 0) return [tableRow(...cells, '', etaOf(need))];
      return need.games.map((game) => tableRow(...cells, game.gameId, `${game.status}: ${game.detail}`));
    });
}

function etaOf({ expected, status }: Need): string {
  if (expected) return `usually there by ${expected.p50At}`;
  return status === 'not_current' ? 'not published and current' : '';
}

/** A row of a Markdown table; what would end a cell or the row is taken out. */
function tableRow(...cells: (string | number)[]): string {
  return `| ${cells.map((cell) => escape(String(cell)).replaceAll('|', '\\|')).join(' | ')} |`;
}

function escape(text: string): string {
  return text.replace(/\s+/g, ' ');
}
