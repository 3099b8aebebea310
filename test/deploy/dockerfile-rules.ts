/** What the Dockerfile must keep to: each rule answers with the faults it finds. */

export interface Instruction {
  readonly name: string;
  readonly args: string;
}

export interface Stage {
  /** Without a name, its number. */
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** The stages, with continued lines joined, comments dropped and the arguments before the first `FROM` filled in. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const defaults: Record<string, string> = {};
  const stages: { name: string; image: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', args = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'ARG' && stages.length === 0) {
      const [key = '', value = ''] = args.split('=');
      defaults[key] = value;
    } else if (name === 'FROM') {
      const [image = '', , as] = args
        .replace(/\$\{(\w+)\}/g, (_, key: string) => defaults[key] ?? '')
        .split(' ');
      stages.push({ name: as ?? String(stages.length), image, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, args });
  }
  return stages;
}

const last = (stage: Stage | undefined, name: string): string | undefined =>
  stage?.instructions.findLast((instruction) => instruction.name === name)?.args;

/** Copying what a clone does not hold, what `.dockerignore` keeps out, or what no stage before has made. */
export function copyFaults(
  stages: readonly Stage[],
  ignoreText: string,
  isInRepository: (path: string) => boolean,
): string[] {
  const letIn = new Set(
    ignoreText
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1)),
  );
  return stages.flatMap((stage, position) =>
    stage.instructions
      .filter(({ name }) => name === 'COPY' || name === 'ADD')
      .flatMap(({ args }) => {
        const words = args.split(/\s+/);
        const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
        if (from !== undefined)
          return stages.slice(0, position).some(({ name }) => name === from)
            ? []
            : [`${stage.name} copies from ${from}, which is no stage before it`];
        return words
          .filter((word) => !word.startsWith('--'))
          .slice(0, -1)
          .flatMap((source) => [
            ...(isInRepository(source) ? [] : [`${source} is not in the repository`]),
            ...(letIn.has(source) ? [] : [`.dockerignore keeps ${source} out`]),
          ]);
      }),
  );
}

/** Node older than `engines` asks for, not named to the major version, or without glibc. */
export function nodeFaults(stages: readonly Stage[], engines: string): string[] {
  const ranges = engines.split('||').map((range) => {
    const [, sign, major, minor] = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(range.trim()) ?? [];
    return { isOpen: sign === '>=', major: Number(major), minor: Number(minor ?? 0) };
  });
  if (ranges.some(({ major }) => Number.isNaN(major))) return [`engines.node "${engines}" is not understood`];
  return stages.flatMap(({ name, image }) => {
    const [, given, givenMinor] = (
      /^node:(\d+)(?:\.(\d+))?\S*-(?:bookworm|trixie)-slim$/.exec(image) ?? []
    ).map(Number);
    if (given === undefined) return [`${name}: ${image} is not a pinned Node on Debian`];
    // A tag of the major version only stands for its newest minor version.
    const newest = Number.isNaN(givenMinor ?? NaN) ? Infinity : (givenMinor ?? Infinity);
    const enough = ranges.some(
      ({ isOpen, major, minor }) => (isOpen && given > major) || (given === major && newest >= minor),
    );
    return enough ? [] : [`${name}: ${image} is not one of ${engines}`];
  });
}

/** The program that the image runs without arguments. */
export function programOfImage(stages: readonly Stage[]): string {
  return (JSON.parse(last(stages.at(-1), 'CMD') ?? '[]') as string[]).at(-1) ?? '';
}

/** The source of a program that the build emits. */
export function sourceOf(program: string, outDir: string): string | null {
  return program.startsWith(`${outDir}/`) ? program.slice(outDir.length + 1).replace(/\.js$/, '.ts') : null;
}

/** What runs in the end: which program, as whom, with which packages. */
export function runFaults(
  stages: readonly Stage[],
  outDir: string,
  isInRepository: (path: string) => boolean,
): string[] {
  const final = stages.at(-1);
  const faults: string[] = [];
  const program = programOfImage(stages);
  const source = sourceOf(program, outDir);
  if (source === null || !isInRepository(source))
    faults.push(`CMD runs ${program}, which the build does not emit`);
  if (!final?.instructions.some(({ name, args }) => name === 'COPY' && args.endsWith(`/${outDir} ${outDir}`)))
    faults.push(`the image has no ${outDir}`);
  if (['root', '0', undefined].includes(last(final, 'USER'))) faults.push('the image runs as root');
  if (last(final, 'STOPSIGNAL') !== 'SIGTERM') faults.push('the image is not stopped by SIGTERM');
  if (!/\bNODE_ENV=production\b/.test(last(final, 'ENV') ?? '')) faults.push('NODE_ENV is not production');
  const packages = final?.instructions
    .map(({ args }) => /^--from=(\w+) \S+\/node_modules /.exec(args)?.[1])
    .find((name) => name !== undefined);
  const installs = (stage: Stage): string[] =>
    stage.instructions.filter(({ name }) => name === 'RUN').map(({ args }) => args);
  const made = stages.find(({ name }) => name === packages);
  if (!made || !installs(made).some((run) => /^npm ci\b.*--omit=dev/.test(run)))
    faults.push('the packages of the image are not those of production');
  if (!made || !installs(made).some((run) => /\brm -rf node_modules\/typescript\b/.test(run)))
    faults.push('the image holds TypeScript, which npm installs as an optional peer');
  if (
    stages
      .flatMap(installs)
      .some((run) => /\bnpm (ci|install)\b/.test(run) && !run.includes('--ignore-scripts'))
  )
    faults.push('npm ci runs `prepare`, which builds, where the sources are not');
  return faults;
}
