/**
 * `npm run lint:names`: outside their own folders no file of `src` names a processor, a source, a table of theirs, a team or a
 * statistic. What the engine would know by name, the next processor would have to be told to it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { foreignNames, namesOfRegistries } from './names/foreign-names';

const root = process.argv[2] ?? join(__dirname, '..');

/** Where names are at home: the folders of processors and sources, a game's evidence, the demo and the rehearsal. */
const homes = [
  'src/processors/',
  'src/sources/',
  'src/games/',
  'src/rehearsal/',
  'src/cli/commands/demo.ts',
  'src/cli/commands/rehearse.ts',
];

const names = namesOfRegistries();
const faults = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  .filter((path) => !homes.some((home) => path.startsWith(home)))
  .sort()
  .flatMap((path) =>
    foreignNames(readFileSync(join(root, path), 'utf8'), names).map(
      ({ line, name }) => `${path}:${line} names ${name}`,
    ),
  );
for (const fault of faults) console.log(fault);
if (faults.length > 0) {
  console.log(
    'Take it from the registry (src/plan/registry.ts, src/tables/catalogue.ts), or let the processor or source declare it.',
  );
  process.exitCode = 1;
}
