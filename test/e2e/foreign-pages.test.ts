/**
 * What a web page can do to the local stack that somebody looks at it beside: it may send anything to any port of this machine,
 * in the name of its own site, or under a name of its own that leads here. Ports are found as the system has them, so that one
 * nobody thought of is tried as well.
 */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { request as send } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Cli } from '../support/cli';

const night = '2017-04-15';
const runs = '/api/v1/namespaces/default/workflows';
const end = `${runs}/phase3%2F${night}/terminate`;
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

interface Listener {
  readonly ip: string;
  readonly port: number;
}

interface Answer {
  /** 0: no HTTP. */
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
}

/** Sockets that the process listens on. */
async function listenersOf(pid: number): Promise<Listener[]> {
  const files = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(
    files.map((fd) => readlink(join('/proc', String(pid), 'fd', fd)).catch(() => '')),
  );
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line): Listener[] => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state !== '0A' || !own.has(inode)) return [];
      const bytes = address.slice(-8).match(/../g)?.reverse() ?? [];
      return [{ ip: bytes.map((byte) => parseInt(byte, 16)).join('.'), port: parseInt(port, 16) }];
    }),
  );
}

function ask(
  { ip, port }: Listener,
  path: string,
  headers: Record<string, string>,
  body: string | null = null,
): Promise<Answer> {
  return new Promise((resolve) => {
    const silent = { status: 0, body: '', cookie: '' };
    const method = body === null ? 'GET' : 'POST';
    const asked = send({
      host: ip === '0.0.0.0' ? '127.0.0.1' : ip,
      port,
      path,
      method,
      headers,
      timeout: 3_000,
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(silent));
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', () => resolve(silent));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          body: text,
          cookie: (answer.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; '),
        }),
      );
    });
    asked.end(body ?? undefined);
  });
}

describeOnLinux('a web page of another site', () => {
  let cli: Cli;
  let listeners: Listener[];
  let ui: Listener;

  beforeAll(async () => {
    cli = await Cli.create();
    await cli.ok('up');
    await cli.ok('run', night);
    const stack = JSON.parse(await readFile(join(cli.home, 'stack.json'), 'utf8')) as Record<
      'temporal' | 'worker' | 'gateway',
      { pid: number; ui: string }
    >;
    const found = await Promise.all(Object.values(stack).map(({ pid }) => listenersOf(pid)));
    listeners = found.flat();
    ui = { ip: '127.0.0.1', port: Number(new URL(stack.temporal.ui).port) };
  }, 120_000);
  afterAll(() => cli.dispose());

  const isOpen = async (): Promise<boolean> => {
    // The list of runs follows their histories.
    await pause(1_000);
    const { body } = await ask(ui, runs, { host: `127.0.0.1:${ui.port}` });
    return body.includes('WORKFLOW_EXECUTION_STATUS_RUNNING');
  };
  /** What a page sends in the name of its own site, and under a name of its own that leads here. */
  const disguises = ({ port }: Listener): Record<string, string>[] => [
    {
      host: `127.0.0.1:${port}`,
      origin: 'http://evil.test',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
    },
    { host: `localhost:${port}`, origin: 'null', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    { host: `evil.test:${port}`, origin: `http://evil.test:${port}`, 'sec-fetch-site': 'same-origin' },
    { host: `evil.test:${port}` },
  ];

  it('finds the UI only at an address that it cannot guess, and nobody beyond this machine finds anything', () => {
    const hidden = listeners.filter(({ ip }) => ip !== '127.0.0.1');
    expect(listeners.length).toBeGreaterThan(5);
    expect(hidden).toHaveLength(1);
    expect(hidden[0]?.ip).toMatch(/^127\.\d+\.\d+\.\d+$/);
  });

  it('neither reads a run nor ends one, by any port of the stack', async () => {
    expect(await isOpen()).toBe(true);
    const known = listeners.filter(({ ip }) => ip === '127.0.0.1');
    const leaks: string[] = [];
    for (const listener of known)
      for (const headers of disguises(listener)) {
        const read = await ask(listener, runs, headers);
        const form = { ...headers, 'content-type': 'text/plain' };
        const token = { cookie: read.cookie, 'x-csrf-token': read.cookie.split('=')[1] ?? '' };
        const ended = await ask(listener, end, { ...form, ...token }, '{"reason":"evil"}');
        for (const { status, body } of [read, ended])
          if ((status >= 200 && status < 300) || body.includes('executions'))
            leaks.push(`${listener.port} ${JSON.stringify(headers)}: ${status}`);
      }
    expect(leaks).toEqual([]);
    expect(await isOpen()).toBe(true);
  }, 120_000);

  it('may link to the UI, which opens in a tab of its own, and is told why anything else is refused', async () => {
    const host = { host: `127.0.0.1:${ui.port}`, 'sec-fetch-site': 'cross-site' };
    const link = { ...host, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await ask(ui, '/', link)).toMatchObject({ status: 200 });
    const framed = await ask(ui, '/', { ...link, 'sec-fetch-dest': 'iframe' });
    expect(framed).toMatchObject({
      status: 403,
      body: expect.stringMatching(/a web page of another site/) as string,
    });
    const renamed = await ask(ui, '/', { ...link, host: 'evil.test' });
    expect(renamed).toMatchObject({
      status: 403,
      body: expect.stringMatching(/names another host/) as string,
    });
  });

  it('is told from the UI itself, which reads runs and ends them', async () => {
    const host = `127.0.0.1:${ui.port}`;
    const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    const read = await ask(ui, runs, own);
    expect(read.body).toContain(night);
    const token = { cookie: read.cookie, 'x-csrf-token': read.cookie.split('=')[1] ?? '' };
    const ended = await ask(
      ui,
      end,
      { ...own, ...token, 'content-type': 'application/json' },
      '{"reason":"by hand"}',
    );
    expect(ended.status).toBe(200);
    expect(await isOpen()).toBe(false);
  });
});
