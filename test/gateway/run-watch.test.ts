/** Who waits for a run, before a client that answers as it is told. */
import type { DateOutlook } from '../../src/contracts/date-state';
import { RunWatch, type RunWatchOptions, type Waited } from '../../src/gateway/run-watch';
import { gameDate } from '../support/fixtures';
import { latch } from '../support/latch';

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

interface Question {
  readonly run: Run;
  readonly ids: readonly string[];
}

/** Longer than any test: whoever is still there then was forgotten. */
const long = 3_600_000;
/** How often a run's life is looked at. */
const lookAfterMs = 2_000;
const run = { workflowId: 'date-1', runId: 'run-1' };
const next = { workflowId: 'date-1', runId: 'run-2' };

/** Counts what it is asked, and answers by its two functions. */
class FakeClient {
  readonly questions: Question[] = [];
  readonly looks: Run[] = [];
  /** The most that were under way at once: at all, and of one run. */
  most = 0;
  mostOfOne = 0;
  underWay = 0;
  private readonly ofRun = new Map<string, number>();

  /** The requests that are answered; by default none is. */
  answers: (question: Question) => Promise<readonly string[]> = async () => [];
  life: () => Promise<'open' | 'over'> = async () => 'open';
  /** The run that one went on as; by default it has not. */
  wentOnAs: (asked: Run) => Run = (asked) => asked;
  /** Whether the run has taken a request. */
  hasTaken: (requestId: string) => boolean = () => true;

  async outlook(asked: Run, requestIds: readonly string[]): Promise<DateOutlook> {
    const question = { run: { ...asked }, ids: [...requestIds] };
    this.questions.push(question);
    const { workflowId } = asked;
    const ofThis = (this.ofRun.get(workflowId) ?? 0) + 1;
    this.ofRun.set(workflowId, ofThis);
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    this.mostOfOne = Math.max(this.mostOfOne, ofThis);
    try {
      return outlook(question.ids, await this.answers(question), this.hasTaken);
    } finally {
      this.underWay -= 1;
      this.ofRun.set(workflowId, (this.ofRun.get(workflowId) ?? 0) - 1);
    }
  }

  /** Whose ends are waited for now. */
  readonly waitedFor = new Set<string>();
  /** By default nobody says that a run has ended. */
  end: (asked: Run) => Promise<void> = () => new Promise(() => undefined);

  async untilEnd(asked: Run, signal: AbortSignal): Promise<void> {
    this.waitedFor.add(asked.runId);
    signal.addEventListener('abort', () => this.waitedFor.delete(asked.runId));
    await this.end(asked);
  }

  async lastOf(asked: Run): Promise<Run & { isOpen: boolean }> {
    this.looks.push({ ...asked });
    return { ...this.wentOnAs(asked), isOpen: (await this.life()) === 'open' };
  }
}

/** What a run says to those that were asked about. */
function outlook(
  ids: readonly string[],
  answered: readonly string[],
  hasTaken: (requestId: string) => boolean = () => true,
): DateOutlook {
  return {
    ...{
      gameDate,
      runState: 'running',
      levels: [],
      results: {},
      open: [],
      running: [],
      gate: null,
      deadline: null,
    },
    pending: ids.filter(hasTaken).map((requestId) => ({ requestId, isSeen: true })),
    answers: answered
      .filter((id) => ids.includes(id))
      .map((requestId) => ({
        requestId,
        gameDate,
        state: 'published',
        summary: `of ${requestId}`,
        outcomes: {},
      })),
  };
}

/** Looks for the answer to a request, in outlooks that were asked for with its id. */
function answerTo(requestId: string): (given: DateOutlook) => string | null {
  return ({ pending, answers }) => {
    if (!pending.some((one) => one.requestId === requestId))
      throw new Error(`${requestId} is shown what it was not asked about in`);
    return answers.find((answer) => answer.requestId === requestId)?.summary ?? null;
  };
}

const watches: RunWatch[] = [];

function watchOf(client: FakeClient, options: RunWatchOptions = {}): RunWatch {
  const watch = new RunWatch(client, { intervalMs: 1, ...options });
  watches.push(watch);
  return watch;
}

/** Waits for a request as those do who want its answer. */
function wait(watch: RunWatch, requestId: string, waitMs = long, of = run): Promise<Waited<string>> {
  return watch.wait(of, requestId, answerTo(requestId), waitMs);
}

function judged(requestId: string): Waited<string> {
  return { kind: 'judged', value: `of ${requestId}` };
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/**
 * Moves the clock on, so that the lives of runs are looked at. Between two of the event loop's turns no question of a client
 * that answers at once is under way: to the watch none of them has taken long.
 */
async function later(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const at = Date.now() + lookAfterMs;
  const started = performance.now();
  jest.spyOn(Date, 'now').mockImplementation(() => at + Math.round(performance.now() - started));
}

afterEach(async () => {
  for (const watch of watches) watch.close();
  for (const watch of watches.splice(0)) await until(() => watch.size === 0);
  jest.restoreAllMocks();
});

describe('who waits', () => {
  it('is asked about by their own id, and told their own', async () => {
    const client = new FakeClient();
    const ids = Array.from({ length: 50 }, (_, index) => `r${index}`);
    // Each question answers one of them, the last first; at the first of all only one has come.
    client.answers = async ({ ids: about }) => (client.questions.length === 1 ? [] : about.slice(-1));
    const watch = watchOf(client);
    const waits = ids.map((id) => wait(watch, id));
    expect(watch.size).toBe(1);
    expect(await Promise.all(waits)).toEqual(ids.map(judged));
    for (const question of client.questions) expect(new Set(question.ids).size).toBe(question.ids.length);
    // Who has been told is not asked about any more.
    expect(client.questions.at(-1)?.ids).toEqual(['r0']);
  });

  it('may be two with one id, who are asked about once', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids }) => (client.questions.length < 3 ? [] : ids);
    const watch = watchOf(client);
    const waits = [wait(watch, 'a'), wait(watch, 'a'), wait(watch, 'b')];
    expect(await Promise.all(waits)).toEqual([judged('a'), judged('a'), judged('b')]);
    expect(client.questions.at(-1)?.ids).toEqual(['a', 'b']);
  });

  it('comes while a question is under way, and is in the next', async () => {
    const client = new FakeClient();
    const door = latch();
    client.answers = async ({ ids }) => {
      await door.opened;
      return ids;
    };
    const watch = watchOf(client);
    const first = wait(watch, 'a');
    await until(() => client.underWay === 1);
    const second = wait(watch, 'b');
    door.open();
    expect(await Promise.all([first, second])).toEqual([judged('a'), judged('b')]);
    expect(client.questions.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
  });

  it('comes when nobody waits any more, and begins anew', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids }) => ids;
    const watch = watchOf(client);
    expect(await wait(watch, 'a')).toEqual(judged('a'));
    await until(() => watch.size === 0);
    expect(await wait(watch, 'b')).toEqual(judged('b'));
    expect(client.questions.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
  });

  it('is judged by anything that is found, be it empty', async () => {
    const watch = watchOf(new FakeClient());
    expect(await watch.wait(run, 'a', () => '', long)).toEqual({ kind: 'judged', value: '' });
    expect(await watch.wait(run, 'a', () => false, long)).toEqual({ kind: 'judged', value: false });
  });
});

describe('few questions are under way', () => {
  it('of one run one, however many wait', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids }) => {
      await new Promise((resolve) => setImmediate(resolve));
      return client.questions.length < 5 ? [] : ids;
    };
    const watch = watchOf(client, { mostAtOnce: 10 });
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    expect(await Promise.all(ids.map((id) => wait(watch, id)))).toEqual(ids.map(judged));
    expect(client.most).toBe(1);
    expect(client.questions.length).toBeLessThan(10);
  });

  it.each([
    [1, { mostAtOnce: 1 }],
    [2, { mostAtOnce: 2 }],
    [4, {}],
  ])('of all runs %i', async (most, options) => {
    const client = new FakeClient();
    const door = latch();
    client.answers = async ({ ids }) => {
      await door.opened;
      return client.questions.length < 30 ? [] : ids;
    };
    const watch = watchOf(client, options);
    const runs = Array.from({ length: 9 }, (_, index) => ({ workflowId: `date-${index}`, runId: 'run' }));
    const waits = runs.map((of, index) => wait(watch, `r${index}`, long, of));
    expect(watch.size).toBe(9);
    await until(() => client.underWay === most);
    // Nobody else is asked before one of these has answered.
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(client.questions).toHaveLength(most);
    door.open();
    expect(await Promise.all(waits)).toEqual(runs.map((_, index) => judged(`r${index}`)));
    expect(client.most).toBe(most);
    expect(client.mostOfOne).toBe(1);
    // Each had its turn, and its own id.
    for (const [index, { workflowId }] of runs.entries()) {
      const asked = client.questions.filter((question) => question.run.workflowId === workflowId);
      expect(asked.length).toBeGreaterThan(0);
      for (const { ids } of asked) expect(ids).toEqual([`r${index}`]);
    }
  });

  it('and a failing one gives its turn back', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids }) => {
      if (client.questions.length <= 12) throw new Error('no worker answers');
      return ids;
    };
    const watch = watchOf(client, { mostAtOnce: 2 });
    const runs = Array.from({ length: 4 }, (_, index) => ({ workflowId: `date-${index}`, runId: 'run' }));
    const waits = runs.map((of, index) => wait(watch, `r${index}`, long, of));
    expect(await Promise.all(waits)).toEqual(runs.map((_, index) => judged(`r${index}`)));
  });

  it('and two runs of one date are not taken for one another', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids, run: { runId } }) => ids.filter((id) => id === runId);
    const watch = watchOf(client);
    const runs = ['run-1', 'run-2'].map((runId) => ({ workflowId: 'date-1', runId }));
    const waits = runs.map((of) => wait(watch, of.runId, long, of));
    expect(watch.size).toBe(2);
    expect(await Promise.all(waits)).toEqual([judged('run-1'), judged('run-2')]);
  });
});

describe('who has waited too long', () => {
  it('is told that it has said nothing, where no question was answered', async () => {
    const silent = new FakeClient();
    const door = latch();
    silent.answers = async () => door.opened.then(() => []);
    const failing = new FakeClient();
    failing.answers = async () => Promise.reject(new Error('no worker answers'));
    expect(await wait(watchOf(silent), 'a', 5)).toEqual({ kind: 'late', last: null });
    expect(await wait(watchOf(failing), 'a', 5)).toEqual({ kind: 'late', last: null });
    door.open();
  });

  it('is told what it said before it fell silent', async () => {
    const client = new FakeClient();
    client.answers = async () =>
      client.questions.length === 1 ? [] : Promise.reject(new Error('gone quiet'));
    expect(await wait(watchOf(client), 'a', 20)).toEqual({ kind: 'late', last: outlook(['a'], []) });
  });

  it('goes alone: the others wait on', async () => {
    const client = new FakeClient();
    let isAnswered = false;
    client.answers = async ({ ids }) => (isAnswered ? ids : []);
    const watch = watchOf(client);
    const patient = wait(watch, 'b');
    expect((await wait(watch, 'a', 5)).kind).toBe('late');
    const before = client.questions.length;
    isAnswered = true;
    expect(await patient).toEqual(judged('b'));
    for (const { ids } of client.questions.slice(before)) expect(ids).toEqual(['b']);
  });

  it('may have come for no wait at all', async () => {
    expect((await wait(watchOf(new FakeClient()), 'a', 0)).kind).toBe('late');
  });

  it('is not told an answer that comes after', async () => {
    const client = new FakeClient();
    const door = latch();
    client.answers = async ({ ids }) => door.opened.then(() => ids);
    const watch = watchOf(client);
    let judgments = 0;
    const waited = watch.wait(run, 'a', () => (judgments += 1), 5);
    expect(await waited).toEqual({ kind: 'late', last: null });
    door.open();
    await until(() => watch.size === 0);
    expect(judgments).toBe(0);
  });
});

describe('a request that the run does not take', () => {
  /** Judges nothing: it waits for its end. */
  const end = (watch: RunWatch, requestId: string): Promise<Waited<null>> =>
    watch.wait(run, requestId, () => null, long);

  it('is let go after a while, and those that it has taken wait on', async () => {
    const client = new FakeClient();
    client.hasTaken = (id) => id === 'a';
    const watch = watchOf(client, { notTakenMs: 20 });
    let hasEnded = false;
    const taken = end(watch, 'a').finally(() => (hasEnded = true));
    const startedAt = performance.now();
    expect(await end(watch, 'b')).toEqual({ kind: 'not_taken' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(18);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(hasEnded).toBe(false);
    watch.close();
    expect(await taken).toEqual({ kind: 'closing' });
  });

  it('is not one of which nobody can say anything', async () => {
    const client = new FakeClient();
    client.hasTaken = () => false;
    client.answers = async () => Promise.reject(new Error('no worker answers'));
    const watch = watchOf(client, { notTakenMs: 10 });
    expect(await watch.wait(run, 'a', () => null, 50)).toEqual({ kind: 'late', last: null });
  });

  it('may be taken late', async () => {
    const client = new FakeClient();
    client.hasTaken = () => client.questions.length > 3;
    client.answers = async ({ ids }) => (client.questions.length > 9 ? ids : []);
    const watch = watchOf(client, { notTakenMs: long });
    const waited = watch.wait(run, 'a', ({ answers }) => answers[0]?.summary ?? null, long);
    expect(await waited).toEqual(judged('a'));
  });
});

describe('the end of a run', () => {
  it('has it asked once more at once, however long the pause is', async () => {
    const client = new FakeClient();
    const end = latch();
    client.end = () => end.opened;
    client.answers = async ({ ids }) => (client.questions.length === 1 ? [] : ids);
    const waited = wait(watchOf(client, { intervalMs: 900 }), 'a');
    await until(() => client.questions.length === 1);
    const endedAt = performance.now();
    end.open();
    expect(await waited).toEqual(judged('a'));
    expect(performance.now() - endedAt).toBeLessThan(800);
    expect(client.questions).toHaveLength(2);
  });

  it('without an answer lets go of who waits, and with another run has that one waited for', async () => {
    const client = new FakeClient();
    const ends = new Map([run, next].map(({ runId }) => [runId, latch()]));
    client.end = ({ runId }) => ends.get(runId)!.opened;
    client.wentOnAs = () => next;
    const waited = wait(watchOf(client), 'a');
    await until(() => client.waitedFor.has(run.runId));
    ends.get(run.runId)!.open();
    await until(() => client.waitedFor.has(next.runId));
    expect([...client.waitedFor]).toEqual([next.runId]);
    client.life = async () => 'over';
    const endedAt = performance.now();
    ends.get(next.runId)!.open();
    expect(await waited).toEqual({ kind: 'gone' });
    // Not when lives are looked at anyway.
    expect(performance.now() - endedAt).toBeLessThan(lookAfterMs / 2);
  });

  it('after which nobody can say which run goes on has it asked now and then, not without a pause', async () => {
    const client = new FakeClient();
    client.end = async () => undefined;
    client.life = async () => Promise.reject(new Error('Temporal does not answer'));
    const waited = wait(watchOf(client, { intervalMs: 20 }), 'a', 200);
    expect((await waited).kind).toBe('late');
    expect(client.questions.length).toBeGreaterThan(2);
    expect(client.questions.length).toBeLessThan(20);
  });

  it('that the server cannot tell has the run asked now and then', async () => {
    const client = new FakeClient();
    client.end = async () => Promise.reject(new Error('Temporal does not answer'));
    client.answers = async ({ ids }) => (client.questions.length < 4 ? [] : ids);
    expect(await wait(watchOf(client), 'a')).toEqual(judged('a'));
  });
});

describe('the life of a run', () => {
  it('is looked at now and then, and an open one is asked on', async () => {
    const client = new FakeClient();
    let isAnswered = false;
    client.answers = async ({ ids }) => (isAnswered ? ids : []);
    const watch = watchOf(client);
    const waited = wait(watch, 'a');
    await until(() => client.questions.length > 3);
    for (let looks = 1; looks <= 3; looks += 1) {
      await later();
      await until(() => client.looks.length >= looks);
    }
    expect(client.looks[0]).toEqual(run);
    isAnswered = true;
    expect(await waited).toEqual(judged('a'));
    expect(client.questions.every((question) => question.run.runId === 'run-1')).toBe(true);
  });

  it('that cannot be looked at is no end of it', async () => {
    const client = new FakeClient();
    client.life = async () => Promise.reject(new Error('Temporal does not answer'));
    let isAnswered = false;
    client.answers = async ({ ids }) => (isAnswered ? ids : []);
    const waited = wait(watchOf(client), 'a');
    await later();
    await until(() => client.looks.length > 0);
    isAnswered = true;
    expect(await waited).toEqual(judged('a'));
  });

  it('goes on in another run, which is asked from then on', async () => {
    const client = new FakeClient();
    client.wentOnAs = () => next;
    // The run that has ended says what it said.
    client.answers = async ({ ids, run: { runId } }) => (runId === next.runId ? ids : []);
    const watch = watchOf(client);
    const waits = [wait(watch, 'a'), wait(watch, 'b')];
    await later();
    expect(await Promise.all(waits)).toEqual([judged('a'), judged('b')]);
    expect(client.questions.at(-1)).toEqual({ run: next, ids: ['a', 'b'] });
  });

  it('goes on in another run, which ends later', async () => {
    const client = new FakeClient();
    client.wentOnAs = () => next;
    client.life = async () => (client.looks.length === 1 ? 'open' : 'over');
    const waited = wait(watchOf(client), 'a');
    await later();
    await until(() => client.looks.length === 1);
    await later();
    expect(await waited).toEqual({ kind: 'gone' });
    expect(client.looks).toEqual([run, next]);
  });

  it('goes on in another run, which is over and holds the answer', async () => {
    const client = new FakeClient();
    client.wentOnAs = () => next;
    client.life = async () => 'over';
    client.answers = async ({ run: { runId } }) => (runId === next.runId ? ['a'] : []);
    const watch = watchOf(client);
    const waits = [wait(watch, 'a'), wait(watch, 'b')];
    await later();
    expect(await Promise.all(waits)).toEqual([judged('a'), { kind: 'gone' }]);
    expect(client.looks).toEqual([run]);
  });

  it('is over, and what it holds by then counts', async () => {
    const client = new FakeClient();
    let questionsBefore = 0;
    client.life = async () => {
      questionsBefore = client.questions.length;
      return 'over';
    };
    // Answered between the question and the look: the next question finds it.
    client.answers = async () => (client.looks.length > 0 ? ['a'] : []);
    const watch = watchOf(client);
    const waits = [wait(watch, 'a'), wait(watch, 'b')];
    await later();
    expect(await Promise.all(waits)).toEqual([judged('a'), { kind: 'gone' }]);
    // One more look, and then it is known.
    expect(client.questions).toHaveLength(questionsBefore + 1);
    expect(client.questions.at(-1)?.ids).toEqual(['a', 'b']);
    await until(() => watch.size === 0);
  });
});

describe('close', () => {
  it('lets them go at once, whatever is under way', async () => {
    const client = new FakeClient();
    const door = latch();
    client.answers = async ({ ids }) => door.opened.then(() => ids);
    const watch = watchOf(client);
    const waited = wait(watch, 'a');
    await until(() => client.underWay === 1);
    watch.close();
    expect(await waited).toEqual({ kind: 'closing' });
    door.open();
    await until(() => watch.size === 0);
    expect(client.questions).toHaveLength(1);
  });

  it('lets nobody in afterwards', async () => {
    const client = new FakeClient();
    client.answers = async ({ ids }) => ids;
    const watch = watchOf(client);
    watch.close();
    expect(await wait(watch, 'a')).toEqual({ kind: 'closing' });
    expect(watch.size).toBe(0);
    expect(client.questions).toEqual([]);
  });
});

describe('nothing is left', () => {
  it.each<[string, (client: FakeClient, watch: RunWatch) => void | Promise<void>]>([
    ['answered', (client) => void (client.answers = async ({ ids }) => ids)],
    [
      'gone',
      async (client) => {
        client.life = async () => 'over';
        await later();
      },
    ],
    ['let go', (_, watch) => watch.close()],
  ])('of those who were %s: no watch, no timer, no question, no wait for the end', async (_, end) => {
    const started = jest.spyOn(globalThis, 'setTimeout');
    const stopped = jest.spyOn(globalThis, 'clearTimeout');
    const client = new FakeClient();
    const watch = watchOf(client);
    const waits = ['a', 'b', 'c'].map((id) => wait(watch, id));
    const timers = started.mock.results.filter((_result, index) => started.mock.calls[index]?.[1] === long);
    expect(timers).toHaveLength(3);
    await until(() => client.questions.length > 0);
    await end(client, watch);
    await Promise.all(waits);
    await until(() => watch.size === 0);
    const cleared = stopped.mock.calls.map(([timer]) => timer);
    for (const { value } of timers) expect(cleared).toContain(value);
    const asked = client.questions.length;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(client.questions).toHaveLength(asked);
    expect([...client.waitedFor]).toEqual([]);
  });
});
