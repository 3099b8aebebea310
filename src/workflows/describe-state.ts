/** A date's state as Markdown, for the Temporal UI's details pane. Pure. */
import type { DateState } from '../contracts/date-state';
import { processorNames, type GateVerdict } from '../contracts/phase3';

/** A table of processors, and what the gate waits for if it does. */
export function describeState(state: DateState): string {
  const rows = processorNames.flatMap((name) => {
    const result = state.results[name];
    const planned = state.plan.find((level) => level.processors.includes(name));
    if (!result && !planned) return [];
    const version = result?.version ? `v${result.version}` : '';
    return [tableRow(name, result?.outcome ?? 'planned', version, result?.reason ?? '')];
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
    lines.push(...state.gate.verdicts.flatMap(evidenceRows));
  }
  return lines.join('\n');
}

/** What a verdict found missing: a row a table and game. */
function evidenceRows(verdict: GateVerdict): string[] {
  if (verdict.checkFailed) return [tableRow('-', '', '', '', `the check failed: ${verdict.checkFailed}`)];
  return verdict.missing.flatMap((table) => {
    const { found, expectedMin } = verdict.details[table] ?? { found: 0, expectedMin: 1 };
    const games = verdict.missingGames.filter((game) => game.table === table);
    if (games.length === 0) return [tableRow(table, found, expectedMin, '', '')];
    return games.map((game) =>
      tableRow(table, found, expectedMin, game.gameId, `${game.status}: ${game.detail}`),
    );
  });
}

/** A row of a Markdown table; what would end a cell or the row is taken out. */
function tableRow(...cells: (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}
