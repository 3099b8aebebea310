/** `phase3 versions DATE`: every published version of the date's tables. */
import { describeStandsOn, type BypassMark } from '../../contracts/bypass-mark';
import { newYorkDate } from '../../contracts/new-york';
import type { ControlClient } from '../../control/client';
import type { PublishedVersion } from '../../control/protocol';
import { describeQuestion } from '../../contracts/pin';
import { processors } from '../../plan/registry';
import { requireAnalyticsTable, requireGameDate } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf, type Context } from '../context';
import { printJson } from '../json';

export interface TableOption extends JsonOption {
  readonly table?: string;
}

/** Versions of a date's tables, or of one table, newest first. */
async function versionsOf(
  context: Context,
  dateText: string,
  { table: tableText }: TableOption,
): Promise<{ gameDate: string; versions: PublishedVersion[] }> {
  const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
  const table = tableText === undefined ? null : requireAnalyticsTable(tableText, '--table');
  const versions = await versionsInOrder(await controlOf(context), gameDate);
  return { gameDate, versions: versions.filter((one) => table === null || one.table === table) };
}

/** Every version of a date: tables in the order in which they are built, each newest first. */
export async function versionsInOrder(control: ControlClient, gameDate: string): Promise<PublishedVersion[]> {
  const order = processors.map(({ table }) => table.name);
  const versions = await control.versions(gameDate);
  return [...versions].sort((a, b) => order.indexOf(a.table) - order.indexOf(b.table));
}

export const addVersions: AddCommand = (root, context) => {
  root
    .command('versions')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('list the published versions of a date, newest first: when, why, from what')
    .option('--table <T>', 'only this table (default: every table that is published)')
    .option('--json', jsonHelp)
    .action(async (date: string, options: TableOption) => {
      const found = await versionsOf(context, date, options);
      if (options.json) printJson(context.print, found);
      else if (found.versions.length === 0) context.say(`${found.gameDate}: no version was published.`);
      else for (const line of renderVersions(found.versions)) context.print(line);
    });
};

const rowsNow: Readonly<Record<PublishedVersion['rows'], string>> = {
  kept: '',
  altered: ', ROWS ALTERED: the kept rows are not the rows that were published',
  pruned: ', rows pruned',
  gone: ', rows not kept any more',
};

/** A heading for each table, and under it its versions. */
function renderVersions(versions: readonly PublishedVersion[]): string[] {
  return versions.flatMap((version, index) => [
    ...(versions[index - 1]?.table === version.table ? [] : [version.table]),
    ...renderVersion(version),
  ]);
}

function renderVersion(version: PublishedVersion): string[] {
  const { publishedAt, rowCount, processorVersion, codeCommit, builtOn, missingGames } = version;
  const upstreams = builtOn.map(({ table, version: upstream }) => `${table} version ${upstream}`);
  const code = codeCommit === null ? '' : `, commit ${codeCommit.slice(0, 12)}`;
  const built = upstreams.length === 0 ? '' : `, built on ${upstreams.join(', ')}`;
  return [
    `  version ${version.version}${liveMark(version)}  ${publishedAt}  ${rowCount} rows${rowsNow[version.rows]}`,
    `    why: ${version.reason}`,
    `    processor version ${processorVersion}${code}${built}`,
    ...missingGames.map(({ gameId, status, detail }) => `    game ${gameId}: ${status}, ${detail}`),
    ...(version.pruned
      ? [
          `    its rows were pruned at ${version.pruned.at}: PHASE3_KEEP_VERSIONS was ${version.pruned.keepVersions}`,
        ]
      : []),
    ...(version.bypass ? [`    ${markSentence(version.bypass)}`] : []),
    ...(version.pin?.questioned ? [`    ${describeQuestion(version.pin, version.pin.questioned)}`] : []),
  ];
}

/** What is live, and whether it stays so. */
function liveMark({ isLive, pin }: PublishedVersion): string {
  if (!isLive) return '';
  return pin ? ' (live, pinned)' : ' (live)';
}

function markSentence(mark: BypassMark): string {
  switch (mark.kind) {
    case 'policy':
      return `passed by policy ${mark.rule}: ${mark.readyGames} of ${mark.finalGames} games were ready`;
    case 'person':
      return [
        `bypass ${mark.bypass_id} by ${mark.by}, without ${mark.tables.join(', ')}: ${mark.reason}`,
        ...(mark.inherited.length > 0 ? [describeStandsOn(mark.inherited, mark.decisions)] : []),
      ].join('; on ');
    case 'inherited':
      return `stands on ${describeStandsOn(mark.inherited, mark.decisions)}`;
  }
}
