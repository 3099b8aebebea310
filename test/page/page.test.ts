/**
 * The status page in a real Chromium, before a stack of real processes: flows by clicks and by the keyboard alone, acts with
 * their dry runs, what is live and what comes back after a lost connection, signing in, and what pages of other sites may not.
 */
import { readFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { freePort } from '../../src/stack/processes';
import { describeWithBrowser, startBrowser } from '../support/browser';
import { startBuilt, type BuiltProcess } from '../support/built-process';
import { Cli } from '../support/cli';
import { startIssuer, type Issuer } from '../support/issuer';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo, type Night } from '../support/nights';
import { overhang, seriousFindings } from './accessible';

/** It is the morning after two nights that lack rows, and the two nights before are old enough to run without. */
const now = '2017-05-02T16:00:00Z';
const dates = { held: '2017-04-15', whole: '2017-04-16', late: '2017-05-01', today: '2017-05-02' };
const whole = demoNight('2017-04-15');
const reason = 'the league has said that these rows never come';

/** The night of another date without the team rows of two games of four. */
function lacking(gameDate: string): Night {
  const night = movedTo(whole, gameDate);
  const late = ['IND', 'CLE', 'MEM', 'SAS'];
  const rows = night.nbac_team_boxscore.filter((row) => !late.includes(String(row['team_abbr'])));
  return { ...night, nbac_team_boxscore: rows };
}

/** A team row that says other than its players do: two rules are broken, of one game. */
const contradicted: Night = {
  ...whole,
  nbac_team_boxscore: whole.nbac_team_boxscore.map((row) =>
    row['team_abbr'] === 'CLE' ? { ...row, assists: 3 } : row,
  ),
};

describeWithBrowser('the status page', () => {
  let cli: Cli;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let url: string;
  const troubles: string[] = [];

  const open = async (path: string, on: Page = page): Promise<void> => {
    await on.goto(`${url}${path}`);
  };
  const watched = (one: Page): Page => {
    one.on('pageerror', ({ message }) => troubles.push(message));
    one.on('console', (said) => {
      if (said.type() === 'error' && !/Failed to load resource|ERR_/.test(said.text()))
        troubles.push(said.text());
    });
    return one;
  };
  /** Nothing was played on its dates, so that each takes a moment, and all of them longer than a test's clicks. */
  const startedBackfill = async (range: string): Promise<{ path: string; name: string }> => {
    const started = await cli.json('backfill', range, '--concurrency', '1');
    const [from, to, name] = String(started['workflow_id']).split('/').slice(1);
    return { path: `/backfills/${from}/${to}/${name}`, name: String(name) };
  };
  /** Range and name of the newest backfill. */
  const listedBackfill = async (): Promise<string[]> => {
    const { backfills } = (await cli.json('backfill', 'list')) as { backfills: { workflow_id: string }[] };
    return backfills[0]!.workflow_id.split('/').slice(1);
  };
  const headline = (text: string | RegExp): Promise<void> =>
    page.locator('#now .headline').filter({ hasText: text }).waitFor();

  beforeAll(async () => {
    // The gateway that is killed below comes back where the page looks for it, whoever else takes ports meanwhile.
    const port = await freePort();
    [cli, browser] = await Promise.all([
      Cli.create({
        PHASE3_NOW: now,
        PHASE3_GATEWAY_PORT: String(port),
        PHASE3_GATE_FIRST_WAIT_SECONDS: '600',
        PHASE3_GATE_LONGEST_WAIT_SECONDS: '600',
        PHASE3_GATE_DEADLINE_SECONDS: '3600',
      }),
      startBrowser(),
    ]);
    await cli.ok('up');
    url = String((await cli.json('status'))['gateway']);
    context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    page = watched(await context.newPage());
    page.setDefaultTimeout(20_000);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cli?.dispose();
  });
  afterEach(() => expect(troubles.splice(0)).toEqual([]));

  it('says what to do where nothing was ever loaded', async () => {
    await open('/');
    expect(await page.locator('h1').textContent()).toBe('No dates yet');
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('shows the season as it becomes, without being loaded again', async () => {
    await loadNights(cli, [contradicted, demoNight(dates.whole), lacking(dates.late), lacking(dates.today)]);
    await cli.ok('run', dates.whole, '--wait');
    await cli.run(['run', dates.held, '--wait']);
    await cli.ok('run', dates.late);
    // The page was empty, and has stayed open.
    const cell = (gameDate: string) =>
      page.locator(`a[href="/nights/${gameDate}"].cell, .cell a[href="/nights/${gameDate}"]`);
    await cell(dates.late).filter({ hasText: 'waiting' }).waitFor();
    await cell(dates.whole).filter({ hasText: 'published' }).waitFor();
    await cell(dates.held).filter({ hasText: 'held' }).waitFor();
    await cell(dates.today).filter({ hasText: 'not run' }).waitFor();
    expect(await page.locator('.cell.is-no-games').count()).toBeGreaterThan(5);
    expect(await page.locator('#attention').textContent()).toContain('missing nbac_team_boxscore');
    expect(await seriousFindings(page)).toEqual([]);
  }, 120_000);

  it('leads to a waiting date, which says game by game what is missing and when it is looked for again', async () => {
    await open('/');
    await page.locator(`.cell a[href="/nights/${dates.late}"]`).click();
    await headline(/waiting at level 1/);
    const check = page.locator('#check');
    expect(await check.textContent()).toMatch(/found.*expected at least/s);
    expect(await check.locator('tbody tr').filter({ hasText: '20170501_' }).count()).toBe(4);
    expect(await check.getByText('missing', { exact: true }).count()).toBeGreaterThanOrEqual(2);
    const left = page.locator('#now .countdown').first();
    const first = await left.textContent();
    expect(first).toMatch(/^\(in \d+:\d\d\)$/);
    await left.filter({ hasNotText: String(first) }).waitFor();
    expect(await page.locator('svg.plan.wide').getAttribute('aria-label')).toMatch(/level 1: .*waiting/);
    const run = page.getByRole('link', { name: /run in the Temporal UI/ });
    const response = await context.request.get(String(await run.getAttribute('href')));
    expect(response.status()).toBe(200);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('bypasses with a dry run first, and shows live what comes of it', async () => {
    await open(`/nights/${dates.late}`);
    await page.getByRole('link', { name: 'Bypass missing inputs' }).click();
    await page.getByLabel(/do without nbac_team_boxscore/).check();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByRole('heading', { name: 'Dry run: nothing was done yet' }).waitFor();
    expect(await page.locator('.foreseen').textContent()).toMatch(
      /Version 1 with \d+ rows would be published/,
    );
    expect(await cli.json('audit', dates.late)).toMatchObject({ entries: [] });
    // Too short: the browser says so, and nothing is sent.
    await page.getByLabel('Why').fill('short');
    await page.getByRole('button', { name: 'Bypass missing inputs' }).click();
    expect(await page.getByRole('heading', { name: /Dry run/ }).count()).toBe(1);
    await page.getByLabel('Why').fill(reason);
    await page.getByRole('button', { name: 'Bypass missing inputs' }).click();
    await page.getByText('Bypass missing inputs: sent').waitFor();
    await headline(/partial: everything is published without 2 of its games/);
    expect(await page.locator('#plan').textContent()).toMatch(/version 1, \d+ rows\s+bypass/);
    const decided = page.locator('#decisions tbody tr').filter({ hasText: reason }).last();
    expect(await decided.textContent()).toMatch(/20\d\d-\d\d-\d\d .* UTC/);
    expect(await page.locator('#timeline').textContent()).toMatch(/waited .*ran/s);
    expect(await seriousFindings(page)).toEqual([]);
  }, 60_000);

  it('explains a published figure, and shows what is different between two versions', async () => {
    await loadNights(cli, [movedTo(whole, dates.late)]);
    await cli.ok('run', dates.late, '--wait');
    await open(`/nights/${dates.late}`);
    await page
      .getByRole('link', { name: /^explain/ })
      .first()
      .click();
    await page.getByText('Computed again from its inputs it is the same').waitFor();
    expect(await page.locator('main').textContent()).toMatch(/formula.*filled in.*Raw rows/s);
    expect(await seriousFindings(page)).toEqual([]);
    await open(`/nights/${dates.late}`);
    await page.locator('#versions a').first().click();
    await page.getByRole('heading', { name: /version 1 → 2/ }).waitFor();
    expect(await page.locator('main').textContent()).toMatch(/rows the same, \d+ changed, \d+ added/);
    expect(await seriousFindings(page)).toEqual([]);
  }, 60_000);

  it('restores a version after it was seen what that would publish, and unpins it', async () => {
    await open(`/nights/${dates.late}`);
    await page.getByRole('link', { name: 'Restore a version' }).click();
    await page.getByLabel(/team_offense_game_summary version 1/).check();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page
      .getByText(/Version 1 would be published again as version 3/)
      .first()
      .waitFor();
    await page.getByLabel('Why').fill('the new rows are those of another night');
    await page.getByRole('button', { name: 'Restore a version' }).click();
    await page.locator('#versions tbody tr').filter({ hasText: 'pinned' }).first().waitFor();
    expect(await page.locator('#decisions').textContent()).toContain('those of another night');
    await page.getByRole('link', { name: 'Unpin' }).click();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page
      .getByText(/Version 4 with \d+ rows would be published/)
      .first()
      .waitFor();
    await page.getByLabel('Why').fill('the rows were right after all, says the league');
    await page.getByRole('button', { name: 'Unpin' }).click();
    await page.locator('#decisions tbody tr').filter({ hasText: 'right after all' }).first().waitFor();
    await page.locator('#now').filter({ hasNotText: 'pinned' }).waitFor();
  }, 60_000);

  it('releases a game that is held, once it was seen which rules it breaks', async () => {
    await open(`/nights/${dates.held}`);
    expect(await page.locator('#rules').textContent()).toMatch(/20170415_IND_CLE.*assists 3/s);
    await page.getByRole('link', { name: 'Release or discard a game' }).first().click();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText(/20170415_IND_CLE would be published although it breaks/).waitFor();
    await page.getByLabel('Why').fill('the league has confirmed the box score as it is');
    await page.getByRole('button', { name: 'Release 20170415_IND_CLE' }).click();
    await headline(/with 20170415_IND_CLE/);
  }, 60_000);

  it('is told what changed by the keyboard alone: check now, extend, cancel', async () => {
    await cli.ok('run', dates.today);
    await open(`/nights/${dates.today}`);
    await headline(/waiting/);
    /** Goes on with the tabulator until it is on what is called so, and presses it. */
    const press = async (name: RegExp, key = 'Enter'): Promise<void> => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        await page.keyboard.press('Tab');
        const text = String(await page.evaluate("document.activeElement?.textContent ?? ''"));
        const label = String(await page.evaluate("document.activeElement?.labels?.[0]?.textContent ?? ''"));
        if (name.test(text.trim()) || name.test(label.trim())) return page.keyboard.press(key);
      }
      throw new Error(`nothing is called ${name.source}`);
    };
    await press(/^Check now$/);
    await page.waitForURL(/recheck$/);
    await press(/^Show what it would do$/);
    await page.getByText(/The check would find this now/).waitFor();
    await press(/^Check now$/);
    await page.getByText('Check now: sent').waitFor();
    const deadline = (): Promise<string | null> => page.locator('#now dd time').nth(2).textContent();
    const before = await deadline();
    await press(/^Extend the deadline$/);
    await page.waitForURL(/extend$/);
    await press(/^Show what it would do$/);
    await page.getByText(/The deadline would move from/).waitFor();
    await press(/^Why$/, 'a');
    await page.keyboard.type('t night the league sends them by noon');
    await press(/^Extend the deadline$/);
    await page.getByText('Extend the deadline: sent').waitFor();
    await page
      .locator('#now dd time')
      .nth(2)
      .filter({ hasNotText: String(before) })
      .waitFor();
    await press(/^Cancel the run$/);
    await page.waitForURL(/cancel$/);
    await press(/^Show what it would do$/);
    await page.getByText(/The run would end/).waitFor();
    await press(/^Why$/, 'n');
    await page.keyboard.type('obody needs this night any more');
    await press(/^Cancel the run$/);
    await headline(/was cancelled/);
  }, 60_000);

  it('reruns a date, and shows a decision again if something has changed since the dry run', async () => {
    await open(`/nights/${dates.whole}/rerun`);
    await page.getByLabel(/Build even if nothing has changed/).check();
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByRole('heading', { name: /Dry run/ }).waitFor();
    const night = demoNight(dates.whole);
    await loadNights(cli, [
      { nbac_team_boxscore: night.nbac_team_boxscore.slice(0, 2).concat(night.nbac_team_boxscore.slice(4)) },
    ]);
    await page.getByLabel('Why').fill('to see it built again from the same rows');
    await page.getByRole('button', { name: 'Rerun' }).click();
    await page.getByText('Something has changed since the dry run that you saw').waitFor();
    expect(await page.getByLabel('Why').inputValue()).toBe('to see it built again from the same rows');
    await loadNights(cli, [night]);
    await page.getByRole('button', { name: 'Rerun' }).click();
    await page.getByText('Something has changed since the dry run that you saw').waitFor();
    await page.getByRole('button', { name: 'Rerun' }).click();
    await page.getByText('Rerun: sent').waitFor();
    await page.locator('#versions tbody tr').filter({ hasText: 'to see it built again' }).first().waitFor();
  }, 60_000);

  it('says that the connection is lost, and is right when it is back', async () => {
    await open(`/nights/${dates.today}`);
    await page.locator('details#log-lines summary').click();
    const stack = JSON.parse(await readFile(join(cli.home, 'stack.json'), 'utf8')) as {
      gateway: { pid: number };
    };
    process.kill(stack.gateway.pid, 'SIGKILL');
    await page.locator('#connection').filter({ hasText: 'Connection lost' }).waitFor();
    await loadNights(cli, [movedTo(whole, dates.today)]);
    await cli.ok('run', dates.today, '--wait');
    await cli.ok('up');
    expect((await cli.json('status'))['gateway']).toBe(url);
    await headline(/is published/);
    expect(await page.locator('#connection').textContent()).toBe('');
    // What was open has stayed so.
    expect(await page.locator('details#log-lines').getAttribute('open')).toBe('');
  }, 90_000);

  describe('a backfill', () => {
    let path = '';
    const act = async (name: string, fill: () => Promise<void> = async () => undefined): Promise<void> => {
      await page.locator('#acts').getByRole('link', { name, exact: true }).click();
      await fill();
      await page.getByRole('button', { name: 'Show what it would do' }).click();
    };
    const decide = async (name: string, why: string): Promise<void> => {
      await page.getByLabel('Why').fill(why);
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByText(`${name}: sent`).waitFor();
      await page.locator('#decisions tbody tr').filter({ hasText: why }).waitFor();
    };
    const standing = (text: string): Promise<void> =>
      page.locator('#now .headline .state').filter({ hasText: text }).waitFor();

    it('is listed as it goes on, and is paused with a dry run first', async () => {
      const started = await startedBackfill('2016-07-01..2017-03-31');
      const { name } = started;
      path = started.path;
      await open('/');
      await page.getByRole('link', { name: 'Backfills' }).click();
      const listed = page.locator('#backfills tbody tr').filter({ hasText: name });
      await listed.filter({ hasText: 'running' }).filter({ hasText: 'of 274 dates, 1 at once' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await listed.getByRole('link', { name: '2016-07-01 to 2017-03-31' }).click();
      await standing('running');
      await act('Pause');
      await page.getByRole('heading', { name: 'Dry run: nothing was done yet' }).waitFor();
      expect(await page.locator('.foreseen').textContent()).toMatch(/Paused: no further date is asked/);
      expect((await cli.json('backfill', 'status', name))['state']).toBe('running');
      await decide('Pause', 'the league corrects its files until noon');
      await standing('paused');
      await page.locator('#under-way').filter({ hasText: 'Nothing.' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    }, 60_000);

    it('is made faster, and shown again where it stands otherwise than in the dry run', async () => {
      await open(path);
      const asked = 'Set how many dates run at once';
      await act(asked, () => page.getByLabel('Dates at once').fill('0'));
      await page.getByRole('alert').filter({ hasText: 'expected a whole number from 1' }).waitFor();
      await page.getByLabel('Dates at once').fill('2');
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await page.getByText('2 dates at once from now on, 1 before').waitFor();
      await cli.ok('backfill', 'resume', path.split('/').at(-1)!, '--reason', 'the files are corrected');
      await page.getByLabel('Why').fill('nobody else needs the warehouse now');
      await page.getByRole('button', { name: asked }).click();
      await page.getByText('Something has changed since the dry run that you saw').waitFor();
      await page.getByRole('button', { name: asked }).click();
      await page.getByText(`${asked}: sent`).waitFor();
      await page.locator('#now').filter({ hasText: '2 at once' }).waitFor();
    }, 60_000);

    it('is cancelled, and takes no decision any more', async () => {
      await open(path);
      await act('Cancel the backfill');
      await decide('Cancel the backfill', 'the wrong season was named');
      await standing('cancelled');
      await page.locator('#acts').filter({ hasText: 'it has ended, or was cancelled' }).waitFor();
      await open(`${path}/pause`);
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await page.getByRole('alert').filter({ hasText: 'it was cancelled by' }).waitFor();
      expect(await page.getByLabel('Why').count()).toBe(0);
      await open('/backfills/2016-07-01/2017-03-31/none');
      await page.getByText('There is no backfill of 2016-07-01 to 2017-03-31 with the name none').waitFor();
    }, 60_000);
  });

  it.each(['light', 'dark'] as const)(
    'fits a phone, and is readable: %s',
    async (colorScheme) => {
      const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme });
      const small = watched(await phone.newPage());
      const paths = [
        '/',
        `/nights/${dates.late}`,
        `/nights/${dates.held}`,
        '/rules',
        `/nights/${dates.whole}/rerun`,
        '/backfills',
        `/backfills/${(await listedBackfill()).join('/')}`,
      ];
      for (const path of paths) {
        await open(path, small);
        expect([path, await overhang(small), await seriousFindings(small)]).toEqual([path, 0, []]);
      }
      await phone.close();
    },
    60_000,
  );

  it('can be read and used without a script', async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const plain = await bare.newPage();
    await open(`/nights/${dates.whole}`, plain);
    await plain.getByRole('link', { name: 'Rerun' }).click();
    await plain.getByRole('button', { name: 'Show what it would do' }).click();
    expect(await plain.locator('h2').first().textContent()).toBe('Dry run: nothing was done yet');
    await bare.close();
  });

  it('runs nothing that is not a file of its own, and is framed by nobody', async () => {
    const response = await context.request.get(url);
    expect(response.headers()['content-security-policy']).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'.*form-action 'self'; base-uri 'none'; frame-ancestors 'none'/,
    );
    await open('/');
    const ran = await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.evil = true';
      document.body.append(script);
      return 'evil' in window;
    })()`);
    expect(ran).toBe(false);
    troubles.length = 0;
  });

  describe('a page of another site', () => {
    let evil: Server;
    let evilUrl: string;
    beforeAll(async () => {
      evil = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(`<form method="post" action="${url}/nights/${dates.whole}/cancel"><input name="step" value="do">
          <input name="reason" value="because an evil page says so"><button>win</button></form>
          <a href="${url}/nights/${dates.whole}">a link, as from a message</a>`);
      });
      await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
      evilUrl = `http://localhost:${(evil.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      evil.closeAllConnections();
      evil.close();
    });

    it('decides nothing by a form, and may link', async () => {
      const other = await context.newPage();
      await other.goto(evilUrl);
      await other.getByRole('button').click();
      await other.getByRole('alert').filter({ hasText: 'comes from a web page of another site' }).waitFor();
      await other.goto(evilUrl);
      await other.getByRole('link').click();
      await other.getByRole('heading', { name: 'Sun 16 April 2017' }).waitFor();
      await other.close();
    });

    it('under a name that leads here reads nothing', async () => {
      for (const path of ['/', '/events?topic=season/', `/nights/${dates.whole}`]) {
        const { status } = await sendAs('evil.test', path);
        expect([path, status]).toEqual([path, 403]);
      }
    });

    it('cannot leave out what only our own forms have', async () => {
      const form = { step: 'do', reason };
      const headers = { origin: url, 'sec-fetch-site': 'same-origin' };
      const answer = await context.request.post(`${url}/nights/${dates.whole}/cancel`, { form, headers });
      expect([answer.status(), await answer.text()]).toEqual([
        403,
        expect.stringContaining('nothing was done'),
      ]);
    });

    /** What a browser sends that was led here under another name. */
    async function sendAs(host: string, path: string): Promise<{ status: number }> {
      const { request } = await import('node:http');
      const { hostname, port } = new URL(url);
      return new Promise((resolve, reject) => {
        request({ hostname, port, path, headers: { host } }, (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0 });
        })
          .on('error', reject)
          .end();
      });
    }
  });

  describe('with tokens', () => {
    let issuer: Issuer;
    let gateway: BuiltProcess;
    let port: number;
    let inside: BrowserContext;
    let member: Page;

    beforeAll(async () => {
      issuer = await startIssuer();
      port = await freePort();
      gateway = startBuilt('gateway', {
        ...{ PHASE3_HOME: cli.home, PHASE3_NOW: now, PHASE3_GATEWAY_PORT: String(port) },
        TEMPORAL_ADDRESS: String((await cli.json('status'))['temporal']),
        ...{ PHASE3_OIDC_ISSUER: issuer.url, PHASE3_OIDC_AUDIENCE: issuer.audience },
        ...{ PHASE3_OIDC_READERS: 'subject-1, reader', PHASE3_OIDC_OVERRIDERS: 'subject-1' },
      });
      await gateway.said('serving');
      inside = await browser.newContext();
      member = watched(await inside.newPage());
      member.setDefaultTimeout(20_000);
    }, 30_000);
    afterAll(async () => {
      gateway?.kill();
      await gateway?.ended;
      await issuer?.stop();
    });

    const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
    const signIn = async (token: string): Promise<void> => {
      await member.getByLabel('Token of the API').fill(token);
      await member.getByRole('button', { name: 'Sign in' }).click();
    };

    it('asks to sign in, says what is wrong with a token, and leads back to the page', async () => {
      await member.goto(at(`/nights/${dates.whole}`));
      expect(await seriousFindings(member)).toEqual([]);
      await signIn('nonsense');
      await member.getByRole('alert').waitFor();
      await signIn(await issuer.token());
      await member.getByRole('heading', { name: 'Sun 16 April 2017' }).waitFor();
      const [cookie] = await inside.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
      expect(await member.evaluate('document.cookie')).toBe('');
    });

    it('serves nothing to who has not signed in', async () => {
      const nobody = await browser.newContext();
      const night = `/nights/${dates.whole}`;
      const ways = [
        'bypass',
        'cancel',
        'figure',
        'versions/x',
        'recheck',
        'release',
        'rerun',
        'restore',
        'unpin',
        'extend',
      ];
      const backfill = '/backfills/2016-07-01/2017-03-31/none';
      const backfills = ['/backfills', backfill, `${backfill}/pause`, `${backfill}/cancel`];
      for (const path of ['/', '/rules', night, ...ways.map((way) => `${night}/${way}`), ...backfills]) {
        const answer = await nobody.request.get(at(path), { maxRedirects: 0 });
        expect([path, answer.status(), answer.headers()['location']]).toEqual([
          ...[path, 303],
          `/sign-in?${new URLSearchParams({ next: path }).toString()}`,
        ]);
      }
      expect((await nobody.request.get(at('/events?topic=season/'))).status()).toBe(401);
      await nobody.close();
    });

    it('signs decisions with the identity, whatever a form says', async () => {
      await member.goto(at(`/nights/${dates.whole}/rerun`));
      await member.getByRole('button', { name: 'Show what it would do' }).click();
      await member.getByLabel('Why').fill('signed by who has the token');
      await member.evaluate(`(() => {
        const field = document.createElement('input');
        Object.assign(field, { name: 'by', value: 'somebody else', type: 'hidden' });
        document.querySelector('main form').append(field);
      })()`);
      await member.getByRole('button', { name: 'Rerun' }).click();
      const entry = member.locator('#decisions tbody tr').filter({ hasText: 'signed by who has the token' });
      await entry.waitFor();
      expect(await entry.textContent()).toContain('subject-1');
      expect(await entry.textContent()).not.toContain('somebody else');
    }, 60_000);

    it('takes no form without what is bound to the session, and no cookie for the API', async () => {
      const headers = { origin: at(''), 'sec-fetch-site': 'same-origin' };
      const post = (form: Record<string, string>) =>
        inside.request.post(at(`/nights/${dates.whole}/rerun`), { form, headers });
      expect((await post({ step: 'do', reason })).status()).toBe(403);
      await member.goto(at(`/nights/${dates.whole}/rerun`));
      const csrf = await member.locator('main input[name=csrf]').inputValue();
      expect((await post({ step: 'foresee', csrf })).status()).toBe(200);
      expect((await post({ step: 'foresee', csrf: csrf.replace(/./g, '0') })).status()).toBe(403);
      const api = await inside.request.get(at(`/dates/${dates.whole}`));
      expect(api.status()).toBe(401);
    });

    it('beyond this machine takes a session over HTTPS only, and only from the cookie that no other host can set', async () => {
      const token = await issuer.token();
      const host = 'phase3.example.org';
      const send = (method: string, path: string, headers: Record<string, string>, body = '') =>
        new Promise<IncomingMessage>((resolve, reject) =>
          httpRequest(at(path), { method, headers: { host, ...headers } }, (answer) =>
            resolve(answer.resume()),
          )
            .on('error', reject)
            .end(body),
        );
      const signInFrom = (origin: string) =>
        send(
          ...(['POST', '/sign-in', { origin, 'content-type': 'application/x-www-form-urlencoded' }] as const),
          new URLSearchParams({ token }).toString(),
        );
      const safely = await signInFrom(`https://${host}`);
      const [given = ''] = safely.headers['set-cookie'] ?? [];
      expect(given).toMatch(/^__Host-phase3=.*; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
      expect((await send('GET', '/', { cookie: given.split(';')[0]! })).statusCode).toBe(200);
      const openly = await signInFrom(`http://${host}`);
      expect([openly.statusCode, openly.headers['set-cookie']]).toEqual([401, undefined]);
      expect((await send('GET', '/', { cookie: `phase3=${token}` })).headers.location).toBe(
        '/sign-in?next=%2F',
      );
    });

    it('gives nobody all the streams of events', async () => {
      const cookie = `phase3=${await issuer.token()}`;
      const stop = new AbortController();
      const follow = () =>
        fetch(at('/events?topic=season/'), { headers: { cookie }, signal: stop.signal }).then(
          ({ status }) => status,
        );
      try {
        const own = await Promise.all(Array.from({ length: 60 }, follow));
        expect(own.filter((status) => status === 503).length).toBeGreaterThanOrEqual(10);
        expect(own.filter((status) => status === 200).length).toBeGreaterThanOrEqual(40);
        const other = `phase3=${await issuer.token({ sub: 'reader' })}`;
        const theirs = await fetch(at('/events?topic=season/'), {
          headers: { cookie: other },
          signal: stop.signal,
        });
        expect(theirs.status).toBe(200);
      } finally {
        stop.abort();
      }
    });

    it('shows no act to who may only read, and refuses the act', async () => {
      await member.goto(at('/'));
      await member.getByRole('button', { name: 'Sign out' }).click();
      await member.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await inside.cookies()).toEqual([]);
      await signIn(await issuer.token({ sub: 'reader' }));
      await member.getByRole('button', { name: 'Sign out' }).waitFor();
      const headers = { origin: at(''), 'sec-fetch-site': 'same-origin' };
      // One that goes on: of one that has ended nobody may decide anything.
      const backfill = await startedBackfill('2015-07-01..2016-03-31');
      await cli.ok('backfill', 'pause', backfill.name, '--reason', 'so that it goes on as long as the test');
      for (const [path, act] of [
        [`/nights/${dates.whole}`, 'rerun'],
        [backfill.path, 'pause'],
      ]) {
        await member.goto(at(String(path)));
        await member.getByText('You may read this page and decide nothing').waitFor();
        expect(await member.locator(`a[href$="/${act}"]`).count()).toBe(0);
        // What is bound to the session is right, so that it is the right that is missing.
        const form = { step: 'foresee', csrf: await member.locator('input[name=csrf]').first().inputValue() };
        const asked = await inside.request.get(at(`${path}/${act}`));
        const sent = await inside.request.post(at(`${path}/${act}`), { form, headers });
        expect([path, asked.status(), sent.status()]).toEqual([path, 403, 403]);
      }
      await cli.ok('backfill', 'cancel', backfill.name, '--reason', 'the test is over');
    });

    it('keeps who is signed in signed in where a page of another site links here', async () => {
      const evil = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(`<a href="${at(`/nights/${dates.whole}`)}">a link, as from a message</a>`);
      });
      await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
      await member.goto(`http://localhost:${(evil.address() as AddressInfo).port}`);
      try {
        await member.getByRole('link').click();
        await member.getByRole('heading', { name: 'Sun 16 April 2017' }).waitFor();
      } finally {
        evil.closeAllConnections();
        evil.close();
      }
    });
  });
});
