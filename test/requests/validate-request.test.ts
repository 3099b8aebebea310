import { nearest } from '../../src/requests/nearest';
import {
  InvalidRequestError,
  requireGameDate,
  requireProcessor,
  requireSource,
  requireInstant,
} from '../../src/requests/validate-request';
import { processorNames, triggerNames } from '../../src/plan/registry';

const today = '2025-01-16';

function refusal(ask: () => unknown): InvalidRequestError {
  try {
    ask();
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a game date that is asked for', () => {
  it.each(['2025-01-15', today, '1946-11-01', '2024-02-29'])('%s is taken', (date) => {
    expect(requireGameDate('DATE', date, today)).toBe(date);
  });

  it.each(['2025-02-30', '2025-1-15', '15.01.2025', '20250115', 'yesterday', '', '2025-01-15 '])(
    '%j is refused as no calendar date, with the argument and what would be right',
    (text) => {
      const error = refusal(() => requireGameDate('FROM', text, today));
      expect(error.faults[0]?.field).toBe('FROM');
      expect(error.message).toBe(
        `FROM is "${text}", expected a calendar date written YYYY-MM-DD, such as 2025-01-15.`,
      );
    },
  );

  it('is refused in the future, with the date in New York', () => {
    const error = refusal(() => requireGameDate('DATE', '2025-01-17', today));
    expect(error.faults[0]?.field).toBe('DATE');
    expect(error.message).toBe(
      "DATE is 2025-01-17, which is in the future: it is 2025-01-16 in New York. The newest date that can run is today's.",
    );
  });

  it.each(['1946-10-31', '1900-01-01', '0001-01-01'])(
    "%s is refused: it is before the league's first game",
    (text) => {
      expect(refusal(() => requireGameDate('TO', text, today)).message).toBe(
        `TO is ${text}, before the league's first game (1946-11-01).`,
      );
    },
  );
});

describe('a source that is asked for', () => {
  it.each(triggerNames)('%s is taken, with or without its dataset', (source) => {
    expect(requireSource(source)).toBe(source);
    expect(requireSource(`nba_raw.${source}`)).toBe(source);
  });

  it('is refused when it sets off nothing, with the nearest and all the others', () => {
    const error = refusal(() => requireSource('nbac_team_boxscores'));
    expect(error.faults[0]?.field).toBe('--source');
    expect(error.message).toMatch(
      /^--source is "nbac_team_boxscores", expected a table that triggers processors/,
    );
    expect(error.message).toContain('Did you mean nbac_team_boxscore?');
    for (const source of triggerNames) expect(error.message).toContain(source);
  });

  it.each(['nba_analytics.nbac_team_boxscore', 'NBAC_TEAM_BOXSCORE', ''])('%j is refused', (text) => {
    expect(refusal(() => requireSource(text)).faults).toMatchObject([
      { code: 'unknown_source', field: '--source' },
    ]);
  });

  it('suggests nothing where nothing is near', () => {
    expect(refusal(() => requireSource('odds')).message).not.toContain('Did you mean');
  });

  // An object by source finds what every object has: the source is taken, and planning it throws in the workflow.
  it.each(['constructor', 'toString', '__proto__'])('%s is refused', (text) => {
    expect(refusal(() => requireSource(text)).faults).toMatchObject([
      { code: 'unknown_source', field: '--source' },
    ]);
  });
});

describe('a processor that is asked for', () => {
  it.each([...processorNames])('%s is taken, spaces around it or not', (name) => {
    expect(requireProcessor(name)).toBe(name);
    expect(requireProcessor(` ${name} `)).toBe(name);
  });

  it('is refused when there is none of that name, with the nearest and all the others', () => {
    const error = refusal(() => requireProcessor('PlayerGameSumaryProcessor'));
    expect(error.faults[0]?.field).toBe('--processors');
    expect(error.message).toBe(
      `--processors is "PlayerGameSumaryProcessor", expected one of ${processorNames.join(', ')}. Did you mean PlayerGameSummaryProcessor?`,
    );
  });

  it.each(['', 'playergamesummaryprocessor', 'player_game_summary', 'toString'])('%j is refused', (text) => {
    expect(() => requireProcessor(text)).toThrow(InvalidRequestError);
  });
});

describe('did you mean', () => {
  it('names the nearest, also where only the case differs', () => {
    expect(nearest('playergamesummaryprocessor', processorNames)).toBe(
      'Did you mean PlayerGameSummaryProcessor?',
    );
    expect(nearest('--jsn', ['--json', '--wait'])).toBe('Did you mean --json?');
  });

  it.each([
    ['nothing is near', 'zzzzzzzzzzzz', ['nbac_schedule']],
    ['there is nothing to name', 'nbac_schedule', []],
  ])('stays silent where %s', (_why, text, candidates) => {
    expect(nearest(text, candidates)).toBe('');
  });
});

describe('an instant that is asked for', () => {
  const now = new Date('2025-01-16T08:00:00.000Z');
  const instant = (text: string) => requireInstant(text, '--since', now);

  it.each([
    ['2025-01-16T08:00:00Z', '2025-01-16T08:00:00.000Z'],
    ['2025-01-16T03:00-05:00', '2025-01-16T08:00:00.000Z'],
    [' 2024-02-29T00:00:00.5Z ', '2024-02-29T00:00:00.500Z'],
  ])('%s is %s', (text, at) => {
    expect(instant(text)).toBe(at);
  });

  it.each([
    '',
    '3',
    'noon',
    '2025-01-15',
    '2025-01-15T08:00:00',
    '2025-02-30T08:00:00Z',
    '2025-01-15T25:00:00Z',
  ])('%p is none: the sentence names the option and what would be right', (text) => {
    expect(() => instant(text)).toThrow(
      `--since is "${text}", expected an instant with its time zone, such as 2025-01-16T08:00:00Z.`,
    );
  });

  it('that is in the future is refused', () => {
    expect(() => instant('2025-01-16T08:00:01Z')).toThrow(
      '--since is 2025-01-16T08:00:01Z, which is in the future',
    );
  });
});
