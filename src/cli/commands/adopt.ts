/** `phase3 adopt FROM TO`: puts on record what was in the tables before this system was. */
import { newYorkDate } from '../../contracts/new-york';
import type { AdoptedPartition } from '../../control/protocol';
import { validateRange } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, controlOf, exitCodes, type Context } from '../context';
import { printJson } from '../json';

interface AdoptOptions extends JsonOption {
  readonly by?: string;
  readonly reason: string;
}

async function adopt(
  context: Context,
  fromText: string,
  toText: string,
  { by, reason }: AdoptOptions,
  onPartition: (partition: AdoptedPartition) => void,
): Promise<AdoptedPartition[]> {
  const { from, to } = validateRange({ from: fromText, to: toText }, newYorkDate(context.now()));
  const [who, why] = [(by ?? context.config.user).trim(), reason.trim()];
  if (who === '') throw badInput('--by is empty, expected the name of the person who decides this.');
  if (why === '') throw badInput('--reason is empty, expected why these rows are accepted as they are.');
  const partitions: AdoptedPartition[] = [];
  for await (const partition of (await controlOf(context)).adopt({ from, to, by: who, reason: why })) {
    partitions.push(partition);
    onPartition(partition);
  }
  return partitions;
}

export const addAdopt: AddCommand = (root, context, end) => {
  root
    .command('adopt')
    .argument('<FROM>', 'the first game date, YYYY-MM-DD')
    .argument('<TO>', 'the last game date, included')
    .description('record pre-existing rows as version 1 of their partitions; changes no row')
    .requiredOption('--reason <TEXT>', 'why these rows are accepted as they are; recorded')
    .option('--by <WHO>', 'who decides it (default: you)')
    .option('--json', jsonHelp)
    .action(async (from: string, to: string, options: AdoptOptions) => {
      const partitions = await adopt(context, from, to, options, (partition) => {
        if (!options.json) for (const line of render(partition)) context.print(line);
      });
      if (options.json) printJson(context.print, { partitions });
      else context.print(summary(partitions));
      end(partitions.some(({ outcome }) => outcome === 'refused') ? exitCodes.failed : exitCodes.done);
    });
};

const words: Readonly<Record<AdoptedPartition['outcome'], string>> = {
  adopted: 'adopted as version 1',
  already_published: 'left alone: it has a manifest',
  refused: 'not adopted',
};

function render({ gameDate, table, outcome, rows, failedChecks, detail }: AdoptedPartition): string[] {
  return [
    `${gameDate}  ${table.padEnd(26)} ${String(rows).padStart(5)} rows  ${words[outcome]}${detail ? `: ${detail}` : ''}`,
    ...failedChecks.map((failed) => `            would fail the check ${failed.check}: ${failed.detail}`),
  ];
}

function summary(partitions: readonly AdoptedPartition[]): string {
  const count = (outcome: AdoptedPartition['outcome']): number =>
    partitions.filter((partition) => partition.outcome === outcome).length;
  const suspicious = partitions.filter(
    ({ outcome, failedChecks }) => outcome === 'adopted' && failedChecks.length > 0,
  ).length;
  return (
    `${count('adopted')} partitions adopted (${suspicious} of them would fail a check), ` +
    `${count('already_published')} had manifests, ${count('refused')} were not adopted. ` +
    'Adopted rows satisfy no dependency: the first run of a date rebuilds them.'
  );
}
