/** `CASE`: a process of ours that starts, runs and stops as the case has it. It says `started` on stdout. */
import { InvalidConfigError } from '../../src/config/config';
import { HomeError } from '../../src/stack/home';
import { inTime, runProcess, type Running } from '../../src/stack/own-process';

const never = new Promise<never>(() => undefined);
// What native threads and connections do: hold the process.
setInterval(() => undefined, 1_000);

function running(more: Partial<Running> = {}): Running {
  process.stdout.write('started\n');
  return { ended: never, stop: async () => undefined, ...more };
}

function throwing(error: Error): () => Promise<Running> {
  return () => Promise.reject(error);
}

const cases: Readonly<Record<string, () => Promise<Running>>> = {
  runs: async () => running(),
  'waits to start': () => {
    process.stdout.write('started\n');
    return never;
  },
  'waits in time': () => inTime(never, 'Nobody answers.', 100),
  'never stops': async () => running({ stop: () => never }),
  'fails to stop': async () => running({ stop: () => Promise.reject(new Error('it is stuck')) }),
  'ends by itself': async () => running({ ended: Promise.reject(new Error('the server let it go')) }),
  'is not configured': throwing(
    new InvalidConfigError([{ code: 'missing', field: 'PHASE3_X', problem: 'is not set' }]),
  ),
  'has no room': throwing(new HomeError('The disk is full.', 1)),
  'has no home': throwing(new HomeError('The home is a file.', 2)),
  'is wrong': throwing(new TypeError('x is not a function')),
};

const [, , name = ''] = process.argv;
runProcess({
  name: 'the child',
  start: cases[name] ?? throwing(new Error(`no case ${name}`)),
  stopWithinMs: 500,
  cutOff: 'stopped before all was done',
});
