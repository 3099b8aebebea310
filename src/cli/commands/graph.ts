/** `phase3 graph`: the plan, from the registry itself. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson } from '../json';
import {
  groupsOf,
  inputTablesOf,
  processorOf,
  processors,
  triggerNames,
  upstreamTablesOf,
} from '../../plan/registry';
import { printLines } from '../context';

/** The plan as text: each trigger with its levels. */
function graphText(): string {
  const lines: string[] = [];
  for (const source of triggerNames) {
    lines.push(source);
    for (const group of groupsOf(source)) {
      const parallel = group.parallel ? ' (side by side)' : '';
      lines.push(`  Level ${group.level}${parallel} - ${group.description}`);
      for (const name of group.processors) {
        const upstreams = upstreamTablesOf(name).map((table) => `${table} (published)`);
        const reads = [...inputTablesOf(name), ...upstreams];
        lines.push(`    ${name} → ${processorOf(name).table.name}`, `      reads ${reads.join(', ')}`);
      }
    }
    lines.push('');
  }
  return lines.join('\n').trimEnd();
}

/** The plan: what each trigger sets off, level by level, and what each processor reads and writes. */
function graphJson(): object {
  return {
    triggers: triggerNames.map((source) => ({
      source,
      levels: groupsOf(source).map(({ level, description, processors: names }) => ({
        ...{ level, description, processors: names },
      })),
    })),
    processors: processors.map(({ name, table }) => ({
      ...{ name, table: table.name, reads: inputTablesOf(name), upstreams: upstreamTablesOf(name) },
    })),
  };
}

/** The tables and processors as a Mermaid flowchart. */
function graphMermaid(): string {
  const lines = ['flowchart LR'];
  for (const { name, table } of processors) {
    for (const input of inputTablesOf(name)) lines.push(`  ${input}[(${input})] --> ${name}`);
    for (const upstream of upstreamTablesOf(name))
      lines.push(`  ${upstream} -- published and current --> ${name}`);
    lines.push(`  ${name} --> ${table.name}[(${table.name})]`);
  }
  return lines.join('\n');
}

export const addGraph: AddCommand = (root, context) => {
  root
    .command('graph')
    .description('show the plan: triggers, levels, processors')
    .option('--mermaid', 'print a Mermaid flowchart')
    .option('--json', jsonHelp)
    .action(({ mermaid, json }: JsonOption & { mermaid?: boolean }) => {
      if (json) printJson(context.print, graphJson());
      else printLines(context.print, mermaid ? graphMermaid() : graphText());
    });
};
