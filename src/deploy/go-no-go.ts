/**
 * GO or NO-GO: the questions of the plan's review, each with criteria whose figures come from what was measured of this very
 * build. Nothing is filled in by hand, and what was not measured is a NO-GO. Pure.
 */
import { canaryCommand, differencesCriterion, type CanaryReport } from './canary-report';
import { rehearsalCommand, type RehearsalReport } from './rehearsal-report';
import { whyStale, type Result, type ResultName } from './results';

/** What is at hand of a build. */
export interface BuildEvidence {
  readonly build: string | null;
  readonly results: Readonly<Record<ResultName, Result | null>>;
  readonly canary: CanaryReport | null;
  readonly rehearsal: RehearsalReport | null;
  readonly now: Date;
}

export interface Answer {
  /** As it was measured, with its unit; a clause that says why not, where it was not. */
  readonly figure: string;
  /** Null where it was not measured. */
  readonly isMet: boolean | null;
  /** What measured it, when, and under which load; null where nothing did. */
  readonly measured: { readonly command: string; readonly at: string; readonly load: number | null } | null;
}

interface Criterion {
  readonly sentence: string;
  readonly answer: (evidence: BuildEvidence) => Answer;
}

interface Question {
  readonly name: string;
  readonly asks: string;
  readonly criteria: readonly Criterion[];
}

export interface AnsweredCriterion extends Answer {
  readonly sentence: string;
}

export interface AnsweredQuestion {
  readonly name: string;
  readonly asks: string;
  readonly criteria: readonly AnsweredCriterion[];
}

export interface Decision {
  readonly build: string | null;
  readonly at: string;
  readonly verdict: 'GO' | 'NO-GO';
  readonly questions: readonly AnsweredQuestion[];
}

/** What the order of levels may cost of the nights in a second, in percent. */
const [slowdownWarns, slowdownStops] = [10, 20];

const questions: readonly Question[] = [
  {
    name: 'Performance',
    asks: 'What does the order cost?',
    criteria: [
      {
        sentence: `Levels cost less than ${slowdownStops} % of the throughput of all at once (better ${slowdownWarns} %)`,
        answer: fromResult('bench', ({ 'real work: all at once by levels': ratio }) =>
          typeof ratio === 'number' ? slowdown(100 * (ratio - 1)) : null,
        ),
      },
      {
        sentence: 'The slowest nights of the build are less than 50 % slower than live (better 20 %)',
        answer: fromCanaryCriterion('p95', '% slower'),
      },
    ],
  },
  {
    name: 'Risks',
    asks: 'Can 3 February happen again, and what else can go wrong?',
    criteria: [
      {
        sentence: '3 February is replayed with this build, and nothing wrong is published or stays',
        answer: fromRehearsal(({ failed, steps }) =>
          failed
            ? { figure: failed.reason, isMet: false }
            : { figure: `${steps} steps went as expected`, isMet: true },
        ),
      },
      {
        sentence: 'Known incidents of the data are held or published right',
        answer: fromSuites(/\/(data-incidents|cases|incident)\.test/),
      },
      {
        sentence: 'Killed processes and lost answers corrupt nothing',
        answer: fromSuites(/\/(killed-|\w+-faults|faults)[\w-]*\.test/),
      },
      {
        sentence: 'A whole season is as it was printed',
        answer: fromResult('season', ({ isVerified, rows, figures, wrong }) =>
          typeof isVerified === 'boolean'
            ? { figure: `${wrong} of ${figures} figures wrong, ${rows} rows`, isMet: isVerified }
            : null,
        ),
      },
    ],
  },
  {
    name: 'Deadlocks',
    asks: 'Can a date wait for itself, or for ever?',
    criteria: [
      {
        sentence: 'Every simulated order of events comes to an end',
        answer: fromSuites(/^test\/simulation\//),
      },
      {
        sentence: 'Waiting has a deadline, and a cycle is refused at the start',
        answer: fromSuites(/\/(waiting|registry)\.test/),
      },
      {
        sentence: 'No run of a season is out of order',
        answer: fromResult('season', ({ runs, outOfOrder }) =>
          typeof outOfOrder === 'number'
            ? { figure: `${outOfOrder} of ${runs} runs out of order`, isMet: outOfOrder === 0 }
            : null,
        ),
      },
      {
        sentence: 'A flood of messages keeps every bound, and other dates are at most twice as slow',
        answer: fromResult(
          'flood',
          ({ broken, bounds, isShort, 'other dates: p95 during by before': slower }) =>
            typeof broken === 'number' && typeof slower === 'number' && isShort === false
              ? {
                  figure: `${broken} of ${bounds} bounds broken; other dates ${slower.toFixed(1)} times as slow`,
                  isMet: broken === 0,
                }
              : null,
        ),
      },
    ],
  },
  {
    name: 'Alternatives',
    asks: 'Would all at once, without checks, be good enough?',
    criteria: [
      {
        sentence: 'On 3 February all at once publishes rates above 100 %, and levels publish none',
        answer: fromRehearsal(({ aboveAllAtOnce, above }) =>
          aboveAllAtOnce === null || above === null
            ? null
            : {
                figure: `${aboveAllAtOnce} players all at once, ${above} by levels`,
                isMet: aboveAllAtOnce > 0 && above === 0,
              },
        ),
      },
      {
        sentence: `With 8 nights at once it would bring less than ${slowdownStops} % more nights in a second`,
        answer: fromResult('bench', (figures) => {
          const [levels, flat] = ['by levels', 'all at once'].map(
            (way) => figures[`real work, 8 at once: ${way}`],
          );
          if (typeof levels !== 'number' || typeof flat !== 'number') return null;
          const more = 100 * (flat / levels - 1);
          return {
            figure: `${levels.toFixed(1)} nights/s by levels, ${flat.toFixed(1)} all at once: ${more.toFixed(1)} %`,
            isMet: more < slowdownStops,
          };
        }),
      },
    ],
  },
  {
    name: 'Deployment',
    asks: 'Can it be shipped, seen and taken back?',
    criteria: [
      {
        sentence: 'Everything but the tests that must hold of the source holds',
        answer: fromResult('check', ({ failed }) =>
          typeof failed === 'number' ? { figure: `${failed} checks failed`, isMet: failed === 0 } : null,
        ),
      },
      {
        sentence: 'A canary of this build differs in nothing, or the differences are accepted',
        answer: fromCanaryCriterion(differencesCriterion, 'differences'),
      },
      { sentence: 'The canary says go, or no more than warn', answer: fromCanary },
      {
        sentence: 'A canary stops a wrong formula, a crash and slowness',
        answer: fromSuites(/\/canary\.test/),
      },
      {
        sentence: 'A build is promoted and rolled back, also during a night',
        answer: fromSuites(/\/(integration\/builds(-bigquery)?|e2e\/canary)\.test/),
      },
    ],
  },
  {
    name: 'Tests',
    asks: 'What is tested, and what was not?',
    criteria: [
      {
        sentence: 'The whole suite passes',
        answer: fromResult('tests', ({ passed, failed, skipped, files, filesNotRun }) => ({
          figure: `${passed} passed, ${failed} failed, ${skipped} skipped; ${filesNotRun} of ${files} files not run`,
          isMet: failed === 0 && filesNotRun === 0,
        })),
      },
      { sentence: 'Recorded histories replay', answer: fromSuites(/^test\/replay\//) },
    ],
  },
];

/** The decision about a build. */
export function decide(evidence: BuildEvidence): Decision {
  const answered = questions.map(({ name, asks, criteria }) => ({
    ...{ name, asks },
    criteria: criteria.map(({ sentence, answer }) => ({ sentence, ...answer(evidence) })),
  }));
  const isGo = answered.every(({ criteria }) => criteria.every(({ isMet }) => isMet === true));
  return {
    build: evidence.build,
    at: evidence.now.toISOString(),
    verdict: isGo ? 'GO' : 'NO-GO',
    questions: answered,
  };
}

type Found = Pick<Answer, 'figure' | 'isMet'>;

function slowdown(percent: number): Found {
  return { figure: `${percent.toFixed(1)} %`, isMet: percent < slowdownStops };
}

function notMeasured(why: string): Answer {
  return { figure: `not measured: ${why}`, isMet: null, measured: null };
}

/** By a result of this build; `found` is null where it does not have the figure. */
function fromResult(name: ResultName, found: (figures: Result['figures']) => Found | null) {
  return ({ results, build, now }: BuildEvidence): Answer => {
    const result = results[name];
    const stale = whyStale(result, build, now);
    if (!result || stale !== null) return notMeasured(`${name}: ${stale ?? ''}`);
    const { command, at, load, figures } = result;
    const answer = found(figures);
    return answer
      ? { ...answer, measured: { command, at, load } }
      : notMeasured(`\`${command}\` was run without it`);
  };
}

/** By what came of the test files whose path fits. */
function fromSuites(fits: RegExp) {
  return (evidence: BuildEvidence): Answer => {
    const files = Object.entries(evidence.results.tests?.files ?? {}).filter(([path]) => fits.test(path));
    const sum = (count: 'passed' | 'failed' | 'skipped'): number =>
      files.reduce((total, [, file]) => total + file[count], 0);
    return fromResult('tests', () =>
      sum('passed') + sum('failed') === 0
        ? null
        : {
            figure: `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped in ${files.length} files`,
            isMet: sum('failed') === 0,
          },
    )(evidence);
  };
}

function fromCanaryCriterion(name: string, unit: string) {
  return ({ canary, build }: BuildEvidence): Answer => {
    const own = canary && canary.build === build ? canary : null;
    const criterion = own?.criteria.find((one) => one.name === name);
    if (!canary || !criterion) return notMeasured('this build has had no canary');
    if (criterion.figure === null) return notMeasured(criterion.detail);
    const accepted =
      name === differencesCriterion && canary.accepted ? `, accepted by ${canary.accepted.by}` : '';
    return {
      figure: `${criterion.figure} ${unit}${accepted}`,
      isMet: criterion.verdict !== 'stop',
      measured: { command: canaryCommand, at: canary.at, load: null },
    };
  };
}

function fromCanary({ canary, build }: BuildEvidence): Answer {
  if (!canary || build === null || canary.build !== build) return notMeasured('this build has had no canary');
  return {
    figure: `${canary.verdict}, on ${canary.dates.length} dates`,
    isMet: canary.verdict !== 'stop',
    measured: { command: canaryCommand, at: canary.at, load: null },
  };
}

/** By the rehearsal of this build; `found` is null where it did not come to that. */
function fromRehearsal(found: (rehearsal: RehearsalReport) => Found | null) {
  return ({ rehearsal, build }: BuildEvidence): Answer => {
    if (!rehearsal || rehearsal.build !== build)
      return notMeasured(`this build was not rehearsed: \`${rehearsalCommand}\``);
    const answer = found(rehearsal);
    const { at, load } = rehearsal;
    return answer
      ? { ...answer, measured: { command: rehearsalCommand, at, load } }
      : notMeasured('the rehearsal did not come to that');
  };
}

/** The page, in Markdown. */
export function renderDecision({ build, at, verdict, questions: answered }: Decision): string {
  const open = answered.flatMap(({ name, criteria }) =>
    criteria
      .filter(({ isMet }) => isMet !== true)
      .map(({ sentence, figure }) => `- ${name}: ${sentence}: ${figure}`),
  );
  return [
    `# ${verdict}: build ${build ?? 'without a commit'}`,
    '',
    `Written at ${at} by \`phase3 deploy go-no-go\`, from what was measured of this build. Nothing is filled in by hand.`,
    '',
    ...(open.length > 0 ? ['Against it:', '', ...open, ''] : []),
    ...answered.flatMap(renderQuestion),
  ].join('\n');
}

function renderQuestion({ name, asks, criteria }: AnsweredQuestion): string[] {
  return [
    `## ${name}`,
    '',
    asks,
    '',
    '| criterion | figure | met | measured by | at | load |',
    '| --- | --- | --- | --- | --- | --- |',
    ...criteria.map(({ sentence, figure, isMet, measured }) => {
      const met = isMet === null ? 'not measured' : isMet ? 'yes' : 'NO';
      const by = measured
        ? [`\`${measured.command}\``, measured.at, String(measured.load ?? '-')]
        : ['-', '-', '-'];
      return `| ${[sentence, figure, met, ...by].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
    '',
  ];
}
