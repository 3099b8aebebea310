/** What an asker of the chaos was told: what the judge then expects of the audit. */
import { toldBy } from '../../scripts/chaos/asking';
import { printJson } from '../../src/cli/json';
import type { RestorePreview } from '../../src/control/protocol';

function printed(value: object): string {
  const lines: string[] = [];
  printJson((line) => lines.push(line), value);
  return lines.join('\n');
}

const gameDate = '2018-01-05';

test('a restore that finds everything as it is wanted ends well, and has asked for nothing', () => {
  const preview: RestorePreview = { gameDate, kind: 'nothing', why: 'version 1 is live already, and pinned' };
  const [told, said] = toldBy({ code: 0, stdout: printed(preview), stderr: '' });
  expect([told, said]).toEqual(['needless', 'version 1 is live already, and pinned']);
});

test.each([
  [0, printed({ gameDate, state: 'accepted', requestId: 'r-1' }), 'accepted'],
  [0, '', 'accepted'],
  [1, printed({ gameDate, kind: 'refused', why: 'there is no version 9' }), 'unknown'],
  [2, '', 'refused'],
  [-1, '', 'unknown'],
])('a command that ends with %s and has printed %j has its asker told %s', (code, stdout, expected) => {
  expect(toldBy({ code, stdout, stderr: 'why' })[0]).toBe(expected);
});
