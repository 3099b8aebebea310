/**
 * The tutorials, typed: every command of them in order, on a home of their own, and what it prints held against the page. With
 * `PHASE3_RECORD=1` a page whose output has changed is written anew. What the README shows must be in a tutorial, or printed by `npm start`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Cli, type Ended } from '../support/cli';
import { consoleSteps, withOutputs, withoutChance, type ConsoleStep } from '../support/console-blocks';

const root = join(__dirname, '..', '..');
const isRecording = process.env['PHASE3_RECORD'] === '1';
/** What may be asked again until the date has come to what the page shows; a person is slower than a test. */
const reading = /^npx phase3 (why|list|status|audit|check|export)\b/;
const patienceMs = 20_000;

function pathOf(page: string): string {
  return join(root, page);
}

function textOf(page: string): string {
  return readFileSync(pathOf(page), 'utf8');
}

/** Types the commands of a page, in a home that is taken away afterwards. */
class Reader {
  private readonly exported: NodeJS.ProcessEnv = {};

  private constructor(private readonly cli: Cli) {}

  static async create(): Promise<Reader> {
    return new Reader(await Cli.create());
  }

  async type({ command, output }: ConsoleStep): Promise<string[]> {
    const [, name, value = ''] = /^export ([A-Z_0-9]+)=(.*)$/.exec(command) ?? [];
    if (name !== undefined) {
      this.exported[name] = value.replace(/^~/, this.cli.home);
      return [];
    }
    const until = Date.now() + patienceMs;
    for (;;) {
      const { stdout, code } = await this.run(command);
      const lines = stdout.replaceAll(this.cli.home, '~').trimEnd().split('\n');
      const printed = lines.length === 1 && lines[0] === '' ? [] : lines;
      const isSame = withoutChance(printed).join('\n') === withoutChance(output).join('\n');
      if (isSame) return [...output];
      const isOver = !reading.test(command) || Date.now() > until;
      // What is recorded is what stays so for a moment.
      if (isOver || (isRecording && Date.now() > until - patienceMs + 3_000)) {
        if (code !== 0 && !reading.test(command)) printed.push(`(ended with ${code})`);
        return printed;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private run(command: string): Promise<Ended> {
    return this.cli.shell(command, {
      ...{ HOME: this.cli.home, XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache') },
      ...this.exported,
    });
  }

  async leave(): Promise<void> {
    await this.run('npx phase3 down');
    await this.cli.dispose();
  }
}

describe.each(['docs/tutorial/first-night.md', 'docs/tutorial/first-missing-box-score.md'])('%s', (page) => {
  const steps = consoleSteps(textOf(page));
  let reader: Reader;
  beforeAll(async () => {
    reader = await Reader.create();
  });
  afterAll(() => reader.leave(), 60_000);

  it('prints what it says', async () => {
    expect(steps.length).toBeGreaterThan(10);
    const outputs: string[][] = [];
    for (const step of steps) {
      const printed = await reader.type(step);
      outputs.push(printed);
      if (!isRecording)
        expect([step.command, ...withoutChance(printed)]).toEqual([
          step.command,
          ...withoutChance(step.output),
        ]);
    }
    if (isRecording) writeFileSync(pathOf(page), withOutputs(textOf(page), outputs));
  }, 240_000);
});

describe('README.md', () => {
  const steps = consoleSteps(textOf('README.md'));
  const [start, ...others] = steps;

  it('is short: what it tells more of is in docs', () => {
    expect(Buffer.byteLength(textOf('README.md'))).toBeLessThan(8_000);
  });

  it('shows what npm start prints', async () => {
    const cli = await Cli.create();
    try {
      expect(start?.command).toBe('npm start');
      const shown = withoutChance(start?.output ?? []).filter((line) => line !== '…');
      const printed = withoutChance((await cli.ok('demo', '--exit')).split('\n'));
      expect(printed.filter((line) => line !== '' && shown.includes(line))).toEqual(
        shown.filter((line) => line !== ''),
      );
    } finally {
      await cli.dispose();
    }
  }, 120_000);

  it('shows of the failure what the tutorial shows', () => {
    const tutorial = consoleSteps(textOf('docs/tutorial/first-missing-box-score.md'));
    expect(others.length).toBeGreaterThan(0);
    for (const { command, output } of others) {
      const printed = tutorial.find((step) => step.command === command)?.output ?? [];
      const isCut = output.at(-1) === '…';
      const shown = isCut ? output.slice(0, -1) : output;
      expect(shown.length).toBeGreaterThan(0);
      const same = withoutChance(isCut ? printed.slice(0, shown.length) : printed);
      expect([command, ...same]).toEqual([command, ...withoutChance(shown)]);
    }
  });
});
