/** `phase3 adopt FROM..TO`: puts on record what was in the tables before this system was. */
import { newYorkDate } from '../../contracts/new-york';
import type { AdoptedPartition } from '../../control/protocol';
import { requireNote, requireWho } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf, exitCodes, type Context } from '../context';
import { printJson } from '../json';
import { byHelp } from './control';
import { lastHelp, rangeHelp, requireArguments } from '../ranges';

interface AdoptOptions extends JsonOption {
  readonly by?: string;
  readonly reason: string;
}

async function adopt(
  context: Context,
  first: string,
  last: string | undefined,
  { by, reason }: AdoptOptions,
  onPartition: (partition: AdoptedPartition) => void,
): Promise<AdoptedPartition[]> {
  const { from, to } = requireArguments(first, last, newYorkDate(context.now()));
  const [who, why] = [requireWho(by ?? context.config.user), requireNote(reason)];
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
    .argument('<FROM..TO>', rangeHelp)
    .argument('[TO]', lastHelp)
    .description('record pre-existing rows as version 1 of their partitions; changes no row')
    .requiredOption('--reason <TEXT>', 'why these rows are accepted as they are; recorded')
    .option('--by <WHO>', byHelp)
    .option('--json', jsonHelp)
    .action(async (first: string, last: string | undefined, options: AdoptOptions) => {
      const partitions = await adopt(context, first, last, options, (partition) => {
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
