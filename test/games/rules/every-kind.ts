/** Every kind of corruption that is tried, in the groups that a table of the findings shows. */
import { kinds, type Kind } from './corruptions';
import { kindsOfAllSources } from './corruptions-of-all-sources';
import { kindsOfColumns } from './corruptions-of-columns';
import { kindsOfFiles } from './corruptions-of-files';
import { kindsOfRows } from './corruptions-of-rows';

export const groups: Readonly<Record<string, readonly Kind[]>> = {
  figures: kinds,
  rows: kindsOfRows,
  files: kindsOfFiles,
  'all sources': kindsOfAllSources,
  ...Object.fromEntries(
    ['schedule', 'team', 'player'].map((table) => [
      `columns of ${table}`,
      kindsOfColumns.filter(({ name }) => name.startsWith(table)),
    ]),
  ),
};

export const everyKind: readonly Kind[] = Object.values(groups).flat();
