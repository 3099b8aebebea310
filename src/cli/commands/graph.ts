/** `phase3 graph`: the plan, from the registry itself. */
import type { AddCommand } from '../command-types';
import { processors } from '../../plan/processors';
import { triggers } from '../../plan/triggers';

/** The plan as text: each trigger with its levels. */
function graphText(): string {
  const lines: string[] = [];
  for (const [source, groups] of Object.entries(triggers)) {
    lines.push(source);
    for (const group of groups) {
      const parallel = group.processors.length > 1 ? ' (side by side)' : '';
      lines.push(`  Level ${group.level}${parallel} - ${group.description}`);
      for (const name of group.processors) {
        const { table, inputs, upstreams } = processors[name];
        const reads = [
          ...inputs,
          ...upstreams.map((upstream) => `${processors[upstream].table} (published)`),
        ];
        lines.push(`    ${name} → ${table}`, `      reads ${reads.join(', ')}`);
      }
    }
    lines.push('');
  }
  return lines.join('\n').trimEnd();
}

/** The tables and processors as a Mermaid flowchart. */
function graphMermaid(): string {
  const lines = ['flowchart LR'];
  for (const { name, table, inputs, upstreams } of Object.values(processors)) {
    for (const input of inputs) lines.push(`  ${input}[(${input})] --> ${name}`);
    for (const upstream of upstreams)
      lines.push(`  ${processors[upstream].table} -- published and current --> ${name}`);
    lines.push(`  ${name} --> ${table}[(${table})]`);
  }
  return lines.join('\n');
}

export const addGraph: AddCommand = (root, context) => {
  root
    .command('graph')
    .description('the plan: triggers, levels, processors')
    .option('--mermaid', 'as a Mermaid flowchart')
    .action(({ mermaid }: { mermaid?: boolean }) => {
      context.print(mermaid ? graphMermaid() : graphText());
    });
};
