jest.mock('../../src/processors/registry', (): unknown => jest.requireActual('./toy-processors'));
import fc from 'fast-check';
import { schedule } from './steps';
import { simulate } from './world';
test('stats', async () => {
  const counts = new Map<string, number>();
  const n = 1000;
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(schedule, async (s) => {
      steps += s.length;
      const seen = new Set<string>();
      const hit = (k: string) => {
        counts.set('# ' + k, (counts.get('# ' + k) ?? 0) + 1);
        if (!seen.has(k)) {
          seen.add(k);
          counts.set(k, (counts.get(k) ?? 0) + 1);
        }
      };
      await simulate(s, (line) => {
        const l = line.trim();
        if (l.startsWith('{')) return;
        if (/^answers/.test(l)) {
          hit('answer ' + (/(\w+):/.exec(l.slice(12)) ?? [])[1]);
          return;
        }
        if (/^publishes/.test(l)) {
          hit(
            'publish ' +
              l
                .replace(/.*\(/, '')
                .replace(/[0-9]+/g, 'N')
                .slice(0, 60),
          );
          return;
        }
        if (/^audit:/.test(l)) {
          hit('audit ' + l.split(' ')[1]);
          return;
        }
        if (/^run-/.test(l)) {
          hit('run ' + l.replace(/run-\d+ /, ''));
          return;
        }
        if (/given up/.test(l)) {
          hit('zombie ' + l.replace(/#\d+/, '').replace(/^\w+ /, ''));
          return;
        }
        if (/^(bypass|cancel|extend)/.test(l)) {
          hit('update ' + l.replace(/d\d+/, ''));
          return;
        }
        if (/^asks for (\w+)/.test(l)) {
          hit('asks ' + l.split(' ')[2]);
          return;
        }
        if (/#[2-9]/.test(l)) hit('second attempt');
        hit(l.replace(/#\d+/, '').slice(0, 50));
      });
    }),
    { numRuns: n },
  );
  console.log(
    `steps ${steps / n}\n` +
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => `${String(v).padStart(6)} ${k}`)
        .join('\n'),
  );
}, 600000);
