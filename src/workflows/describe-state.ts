/** A date's state as Markdown, for the Temporal UI's details pane: what `phase3 why` says. Pure. */
import { describeStandsOn } from '../contracts/bypass-mark';
import type { DateStanding } from '../contracts/date-state';
import { visibleMarkdown } from '../contracts/visible-text';
import { describeBypass, explainState, type Need, type ProcessorStanding } from '../explain/explain-date';

/**
 * The sentence that matters first, what somebody can do, then each processor with what it needs. Lists and no tables: the
 * pane is narrow, and the last column would be the reason. Broken lines and no lists in lists: the pane runs those together. What can be done is in our words, with commands as code; everything
 * that may repeat what data or people say is text and nothing else.
 */
export function describeState(state: DateStanding): string {
  const why = explainState(state, true);
  const lines = [
    `**${visibleMarkdown(why.headline)}**`,
    ...(why.acts.length > 0 ? ['', ...why.acts.map((act) => `- ${act}`)] : []),
    '',
    `State ${why.state}, pass ${state.pass}.`,
  ];
  if (why.waitingSince)
    lines.push(
      '',
      `Waiting since ${why.waitingSince}, checks so far: ${why.probes}, next check ${why.nextProbeAt ?? 'now'}, deadline ${why.deadline ?? '-'}.`,
    );
  if (why.bypasses.length > 0)
    lines.push('', ...why.bypasses.map((bypass) => `- ${visibleMarkdown(describeBypass(bypass))}`));
  for (const { level, processors } of why.levels) {
    const asked = processors.filter(({ standing }) => standing !== 'not requested');
    if (asked.length > 0) lines.push('', `**Level ${level}**`, '', ...asked.flatMap(standingLines));
  }
  return lines.join('\n');
}

function standingLines({
  processor,
  standing,
  version,
  reason,
  bypassIds,
  decisions,
  needs,
}: ProcessorStanding): string[] {
  const live = version ? `, version ${version}` : '';
  const mark = bypassIds.length > 0 ? `, with ${describeStandsOn(bypassIds, decisions)}` : '';
  const why = reason === '' ? '' : ` - ${visibleMarkdown(reason)}`;
  return [`- ${processor}: **${standing}**${live}${mark}${why}`, ...needs.flatMap(needLines)].map(
    (line, at, all) => `${line}${at < all.length - 1 ? '  ' : ''}`,
  );
}

/** What a processor lacks, with its games; what is there is left out. */
function needLines({ table, found, expectedMin, status, games, expected }: Need): string[] {
  if (status === 'ready' && games.length === 0) return [];
  const counts =
    found === null
      ? 'not published, or not up to date'
      : `found ${found}, expected at least ${expectedMin ?? '?'}`;
  const eta = expected ? `; usually arrives by ${expected.p50At}` : '';
  return [
    `  ${table}: ${counts}${eta}`,
    ...games.map((game) => `  · ${visibleMarkdown(`${game.gameId} ${game.status}: ${game.detail}`)}`),
  ];
}
