/** How people of the chaos ask, over HTTP and by the command line, and what each is told. */
import type { Ended } from './machine';

/**
 * What became of something, as its asker was told. `needless`: there is nothing to do, so that nothing was asked of anybody; a command
 * finds that out by itself and ends well.
 */
export type Told = 'accepted' | 'needless' | 'refused' | 'unknown';

const answerMs = 20_000;

/** Asks; posts where there is a body. */
export async function ask(url: string, body?: object): Promise<{ status: number; body: unknown }> {
  const sent = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {};
  const response = await fetch(url, { ...sent, signal: AbortSignal.timeout(answerMs) });
  return { status: response.status, body: await response.json() };
}

/** Posts a decision, and says what its asker was told. */
export async function postDecision(url: string, body: object): Promise<[Told, unknown]> {
  try {
    const { status, body: said } = await ask(url, body);
    if (status === 200 || status === 202) return ['accepted', status];
    // What was refused is refused for good; whether what broke off was done nobody can say.
    const why = { status, message: (said as { message?: unknown }).message };
    return [status >= 400 && status < 500 ? 'refused' : 'unknown', why];
  } catch (error) {
    return ['unknown', error instanceof Error ? error.message : String(error)];
  }
}

/** What a command with `--json` has told its asker. */
export function toldBy({ code, stdout, stderr }: Ended): [Told, unknown] {
  const { kind, why } = parsed<{ kind: unknown; why: unknown }>(stdout);
  if (code === 0) return kind === 'nothing' ? ['needless', why] : ['accepted', 0];
  // A command that could not reach what it asked may have been heard all the same.
  return [code === 2 ? 'refused' : 'unknown', { code, stderr: stderr.slice(-300) }];
}

/** The fields of a JSON object; none of what is no JSON. */
export function parsed<T>(text: string): Partial<T> {
  try {
    return JSON.parse(text) as T;
  } catch {
    return {};
  }
}
