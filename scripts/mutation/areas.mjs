/**
 * What is mutated, area by area: folders and files. And which tests judge the mutants of an area: quick ones, without servers
 * and processes, those first that find most in least time.
 */

/** Files of tests, by what they are called without `test/` and `.test.ts`. */
const tests = (...names) => names.map((name) => `test/${name}.test.ts`);

export const areas = {
  processors: {
    mutate: ['src/processors/'],
    tests: tests(
      'processors/define-*',
      'processors/[ot]*',
      'processors/*/*',
      ...[
        'publishing/own-history',
        'plan/registry',
        'plan/highlights',
        'gate/judge-games',
        'gate/judge-processor',
      ],
      'explain-figure/figures',
    ),
  },
  rules: {
    mutate: ['src/games/'],
    tests: tests(
      ...[
        'games/rules/rules',
        'games/rules/finds',
        'games/rules/rule-checks',
        'games/[!c]*',
        'games/rules/clean-nights',
        'gate/judge-games',
      ],
      ...[
        'gate/read-snapshot',
        'incidents/data-incidents',
        'games/cases',
        'dates/missing-dates',
        'games/rules/said',
      ],
    ),
  },
  reducer: {
    mutate: ['reduce', 'memory', 'take-in', 'answers', 'bypasses'].map((name) => `src/workflows/${name}.ts`),
    tests: tests(
      ...['take-in', 'reduce', 'changes', 'memory', 'level-log', 'decision-rules'].map(
        (name) => `workflows/${name}`,
      ),
    ),
  },
  publishing: {
    mutate: ['src/publishing/'],
    // Without `own-history-season`, which takes minutes.
    tests: tests(
      ...[
        'publishing/[!oprsv]*',
        'publishing/own-history',
        'gate/current',
        'publishing/p*',
        'dates/plan-date',
      ],
      ...['games/estimate', 'publishing/staged-as-built', 'activities/run-processor', 'publishing/read-back'],
      ...['publishing/versions-to-keep', 'publishing/raw-kept', 'activities/restore-version'],
    ),
  },
  gate: {
    mutate: ['src/gate/'],
    tests: tests(
      ...['gate/*', 'games/estimate', 'publishing/[bf]*', 'publishing/p*', 'dates/plan-date'],
      ...['incidents/data-incidents', 'publishing/staged-as-built', 'games/rules/said'],
    ),
  },
  audit: {
    mutate: ['src/audit/'],
    tests: tests('audit/*'),
  },
};
