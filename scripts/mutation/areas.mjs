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
      'processors/define-processor',
      'processors/[ot]*',
      'processors/*/*',
      ...['publishing/own-history', 'plan/registry', 'gate/judge-games', 'gate/judge-processor'],
      'explain-figure/figures',
    ),
  },
  rules: {
    mutate: ['src/games/'],
    tests: tests('games/[!c]*', 'games/rules/rules', 'games/cases'),
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
    // Without `read-back`, which publishes through both adapters, and `own-history-season`: they take minutes.
    tests: tests('publishing/[!or]*', 'gate/current', 'publishing/own-history', 'publishing/raw-kept'),
  },
  gate: {
    mutate: ['src/gate/'],
    tests: tests('gate/*'),
  },
  audit: {
    mutate: ['src/audit/'],
    tests: tests('audit/*'),
  },
};
