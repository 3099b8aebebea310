/** A date's state as Markdown, for the Temporal UI's details pane. Pure. */
import type { DateState } from '../contracts/date-state';
import { processorNames } from '../contracts/phase3';

/** A table of processors, and what the gate waits for if it does. */
export function describeState(state: DateState): string {
  const rows = processorNames.flatMap((name) => {
    const result = state.results[name];
    const planned = state.plan.find((level) => level.processors.includes(name));
    if (!result && !planned) return [];
    const version = result?.version ? `v${result.version}` : '';
    return [`| ${name} | ${result?.outcome ?? 'planned'} | ${version} | ${result?.reason ?? ''} |`];
  });
  const lines = [
    `**${state.gameDate}: ${state.runState}** (pass ${state.pass})`,
    '',
    '| processor | outcome | version | why |',
    '|---|---|---|---|',
    ...rows,
  ];
  if (state.gate?.waitingSince) {
    lines.push(
      '',
      `**Waiting at level ${state.gate.level}** since ${state.gate.waitingSince}, ${state.gate.probes} probes, next ${state.gate.nextProbeAt ?? 'now'}, deadline ${state.deadline ?? '-'}`,
      '',
      '| table | found | expected | game | what is wrong |',
      '|---|---|---|---|---|',
    );
    for (const verdict of state.gate.verdicts)
      for (const table of verdict.missing) {
        const detail = verdict.details[table];
        const games = verdict.missingGames.filter((game) => game.table === table);
        for (const game of games.length > 0 ? games : [null])
          lines.push(
            `| ${table} | ${detail?.found ?? 0} | ${detail?.expectedMin ?? 1} | ${game?.gameId ?? ''} | ${game ? `${game.status}: ${game.detail}` : ''} |`,
          );
      }
  }
  return lines.join('\n');
}
