/**
 * `npm run mutation [-- AREA | FILE[:LINE[-LINE]] …]`: changes the pure core in small ways, one at a time, and says which of
 * them no test notices. Without arguments, what was judged before is judged again only if its code or its tests have changed.
 * Exit codes: 0 each area has 90 % or more · 1 one has less · 2 bad arguments.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import { areas } from './mutation/areas.mjs';

/** Percent of an area's mutants that its tests must notice. */
const wanted = 90;

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const kept = join('results', 'mutation');
// Its start takes longer than all the tests that judge a mutant.
process.env.PHASE3_TEST_WITHOUT = 'emulator';
// It takes minutes to hours, and whoever works here meanwhile comes first.
setPriority(constants.priority.PRIORITY_LOW);

const lines = [];
for (const [area, mutate] of chosen(process.argv.slice(2))) {
  const results = await judge(area, mutate);
  const missed = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const noticed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const all = noticed + missed.length;
  if (all === 0) {
    process.exitCode = 2;
    lines.push(`${area}: there is nothing to mutate in ${mutate.join(', ')}`);
    continue;
  }
  const score = (100 * noticed) / all;
  if (score < wanted) process.exitCode ||= 1;
  lines.push(
    ...missed.map((mutant) => `${place(mutant)}  ${mutant.status}  ${mutant.replacement}`),
    `${area}: ${score.toFixed(1)} %, ${noticed} of ${all} mutants noticed`,
  );
}
for (const line of lines) console.log(line);

/** What is mutated of which areas: all of each, or what the arguments name. */
function chosen(names) {
  const whole = (area) => areas[area].mutate.map((path) => (path.endsWith('/') ? `${path}**/*.ts` : path));
  if (names.length === 0) return Object.keys(areas).map((area) => [area, whole(area)]);
  const wantedOf = new Map();
  for (const name of names) {
    const area = Object.hasOwn(areas, name) ? name : areaOf(name);
    if (!area) {
      console.error(
        `"${name}" is not mutated, expected ${Object.keys(areas).join(', ')} or a file of these.`,
      );
      process.exit(2);
    }
    // A single line is a range of one to Stryker.
    const lines = name.replace(/:(\d+)$/, ':$1-$1');
    wantedOf.set(area, [...(wantedOf.get(area) ?? []), ...(area === name ? whole(area) : [lines])]);
  }
  return [...wantedOf];
}

function areaOf(file) {
  const isThere = existsSync(file.replace(/:[\d-]+$/, ''));
  return Object.keys(areas).find(
    (area) => isThere && areas[area].mutate.some((path) => file.startsWith(path)),
  );
}

/**
 * Each mutant with what came of it. What modules compute as they load is first the mutant's only where a test calls it: that is
 * quick, and most are noticed. For the others each test is loaded anew.
 */
async function judge(area, mutate) {
  const file = join(kept, `${area}.json`);
  // What somebody names is judged again: that a test of what modules compute has changed is not seen.
  const force = process.argv.length > 2;
  const known = new Set(force ? [] : unnoticed(file).map(idOf));
  const results = await run(area, mutate, { ignoreStatic: true, force });
  const isLeft = (mutant) => mutant.status === 'Ignored' && mutant.static;
  const isQuick = (mutant) =>
    mutant.status === 'Survived' && mutant.static && isWithin(mutate, mutant) && !known.has(idOf(mutant));
  if (!results.some((mutant) => isLeft(mutant) || isQuick(mutant))) return results;
  forget(file, isQuick);
  return run(area, mutate, { ignoreStatic: false, force: false });
}

async function run(area, mutate, { ignoreStatic, force }) {
  mkdirSync(kept, { recursive: true });
  const tempDirName = mkdtempSync(join(tmpdir(), 'phase3-mutation-'));
  try {
    return await new Stryker({
      ...{ mutate, tempDirName, testRunner: 'reloading-mocha' },
      plugins: [join(root, 'scripts', 'mutation', 'runner.mjs')],
      mochaOptions: {
        require: [join(root, 'scripts', 'mutation', 'jest-words.cjs')],
        spec: areas[area].tests,
      },
      // Texts are for people: a test of each word would only say it twice.
      mutator: { excludedMutations: ['StringLiteral'] },
      ...{ coverageAnalysis: 'perTest', ignoreStatic },
      // Loops without an end are found by counting, most of them: a slow machine is given its time.
      ...{ timeoutMS: 20_000, dryRunTimeoutMinutes: 60, concurrency: 1, disableTypeChecks: false },
      ...{ incremental: true, incrementalFile: join(kept, `${area}.json`), force },
      ignorePatterns: [
        '**',
        ...['src', 'test', 'data', 'scripts'].map((folder) => `!${folder}/**/*`),
        '!package.json',
      ],
      warnings: { slow: false },
      ...{
        reporters: ['progress-append-only', 'html'],
        htmlReporter: { fileName: join(kept, `${area}.html`) },
      },
    }).runMutationTest();
  } finally {
    rmSync(tempDirName, { recursive: true, force: true });
  }
}

function unnoticed(file) {
  if (!existsSync(file)) return [];
  const { files } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(files).flatMap(([fileName, { mutants }]) =>
    mutants.filter(({ status }) => status === 'Survived').map((mutant) => ({ ...mutant, fileName })),
  );
}

/** Whether a mutant is of these files and lines. */
function isWithin(mutate, { fileName, location }) {
  return mutate.some((pattern) => {
    const [, path, from = 0, to = Infinity] = /^(.+?)(?::(\d+)-(\d+))?$/.exec(pattern);
    const isOfFile = path.includes('*') || relative(root, fileName) === path;
    return isOfFile && location.start.line >= from && location.end.line <= to;
  });
}

/** Takes out of what was judged what is to be judged again. */
function forget(file, isForgotten) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const [fileName, of] of Object.entries(report.files))
    of.mutants = of.mutants.filter((mutant) => !isForgotten({ ...mutant, fileName }));
  writeFileSync(file, JSON.stringify(report));
}

function idOf(mutant) {
  return `${place(mutant)} ${mutant.location.end.line}:${mutant.location.end.column} ${mutant.replacement}`;
}

function place({ fileName, location }) {
  return `${relative(root, fileName)}:${location.start.line}:${location.start.column}`;
}
