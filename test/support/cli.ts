/** The built command line, as a child process with a home of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownEnvironment } from '../../scripts/own-environment';

const project = join(__dirname, '..', '..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Cli {
  private constructor(
    readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly root: string,
  ) {}

  /** `root`: a built checkout, if not this one. `parent`: a folder of the home, if not the system's for what is temporary. */
  static async create(
    env: NodeJS.ProcessEnv = {},
    root: string = project,
    parent: string = tmpdir(),
  ): Promise<Cli> {
    return new Cli(await mkdtemp(join(parent, 'phase3-home-')), env, root);
  }

  private get script(): string {
    return join(this.root, 'bin', 'phase3.js');
  }

  /** Runs `phase3 …args` to its end. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.spawn(process.execPath, [this.script, ...args], env);
  }

  /** Runs a line of shell as a person types it at the root of the repository; stderr is in stdout, as on a terminal. */
  shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const npx = `npx() { shift; '${process.execPath}' '${this.script}' "$@"; }`;
    return this.spawn('bash', ['-c', `exec 2>&1\n${npx}\n${line}`], env);
  }

  private spawn(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
    const child = spawn(program, args, {
      cwd: this.root,
      env: ownEnvironment({ ...this.env, PHASE3_HOME: this.home, ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** Runs a command that must end with 0 and returns its stdout. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`phase3 ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Runs a command with `--json` and parses its stdout, which must be one document. */
  async json(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await this.run([...args, '--json']);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Takes the stack down and removes the home. */
  async dispose(): Promise<void> {
    await this.run(['down']);
    await rm(this.home, { recursive: true, force: true });
  }
}
