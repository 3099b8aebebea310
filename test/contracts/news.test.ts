/** What messages say has come: it stays until a person has looked, and there is an end to what is remembered. */
import type { TriggerMessage } from '../../src/contracts/messages';
import { newsAfter } from '../../src/contracts/news';

const team = 'nbac_team_boxscore';

function messageOf(changes: Partial<TriggerMessage> = {}): TriggerMessage {
  return { requestId: 'r-1', kind: 'trigger', source: team, ...changes };
}

it('is who says so, by source; the newest counts', () => {
  expect(newsAfter({}, [messageOf()])).toEqual({ [team]: 'request r-1' });
  const more = [
    messageOf({ requestId: 'r-2', source: 'nbac_injury_report' }),
    messageOf({ requestId: 'r-3', by: 'phase2@example.org' }),
  ];
  expect(newsAfter({ [team]: 'request r-1' }, more)).toEqual({
    nbac_injury_report: 'request r-2',
    [team]: 'request r-3 by phase2@example.org',
  });
});

it.each(['run', 'backfill', 'restore', 'recheck', 'bypass'] as const)(
  'a %s asks, and says nothing',
  (kind) => {
    expect(newsAfter({ [team]: 'request r-1' }, [messageOf({ kind, source: 'other' })])).toEqual({
      [team]: 'request r-1',
    });
  },
);

it("a person's rerun ends what was heard before, and not what is heard after", () => {
  const rerun = messageOf({ kind: 'rerun', by: 'ana', reason: 'nothing was played' });
  expect(newsAfter({ [team]: 'request r-1' }, [rerun])).toEqual({});
  expect(newsAfter({}, [rerun, messageOf({ requestId: 'r-9' })])).toEqual({ [team]: 'request r-9' });
});

it('remembers the twenty newest sources, whatever is sent', () => {
  const many = Array.from({ length: 50 }, (_, index) => messageOf({ source: `source_${index}` }));
  expect(Object.keys(newsAfter({}, many))).toEqual(
    Array.from({ length: 20 }, (_, index) => `source_${30 + index}`),
  );
});
