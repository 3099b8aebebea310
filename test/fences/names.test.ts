/** `npm run lint:names` finds what the engine would know by name. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { plantTree } from './planted-tree';

const repository = join(__dirname, '..', '..');

/** What the check says of a tree with this code in a file. */
function check(code: string, path = 'src/explain/planted.ts') {
  const tree = plantTree({ [path]: `/** Planted. */\n${code}\n` });
  try {
    const args = ['--require', './scripts/run-typescript.cjs', 'scripts/check-names.ts', tree.root];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: repository, encoding: 'utf8' });
    return { status, found: stdout.split('\n')[0] };
  } finally {
    tree.remove();
  }
}

test.each([
  ['a processor', "export const x = 'PlayerGameSummaryProcessor';", 'PlayerGameSummaryProcessor'],
  ['a table', "export const x = 'team_offense_game_summary';", 'team_offense_game_summary'],
  ['a column', 'export const x = (row: { fg_makes: number }) => row.fg_makes;', 'fg_makes'],
  ['a column in camel case', 'export const fgMakes = 1;', 'fgMakes'],
  ['a team', "export const x = 'BOS';", 'BOS'],
  ['a statistic', 'export const reboundsOf = 1;', 'reboundsOf'],
  ['a statistic in a comment', '// Without a rebound it is null.', 'rebound'],
])('%s', (_what, code, name) => {
  expect(check(code)).toEqual({ status: 1, found: `src/explain/planted.ts:2 names ${name}` });
});

test('nothing is found in words of the engine, in SQL, and where names are at home', () => {
  const clean = { status: 0, found: '' };
  expect(check("export const sql = 'SELECT MIN(version) FROM t WHERE game_id = ?';")).toEqual(clean);
  expect(check("export const x = 'fg_makes';", 'src/processors/planted/build.ts')).toEqual(clean);
});
