/** What the compiler cannot see of the registries, checked when a process starts. Pure. */
import { calendar } from '../games/evidence';
import type { Processor } from '../processors/define-processor';
import { isSource, type Trigger } from '../sources/define-source';
import { orchestrationTables } from '../tables/catalogue';
import type { TableDefinition } from '../tables/define-table';
import { provenance } from '../tables/provenance';
import { processors, triggers } from './registry';

/** Thrown when the registries contradict themselves; the process must not start. `faults` are sentences. */
export class InvalidRegistryError extends Error {
  override readonly name = 'InvalidRegistryError';
  constructor(readonly faults: readonly string[]) {
    super(`The registry is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

export interface Registry {
  readonly processors: readonly Processor[];
  readonly triggers: readonly Trigger[];
  /** Tables of our own, whose names nobody else may have. */
  readonly ownTables: readonly string[];
  /** The source that lists the games of a date; every processor reads it. */
  readonly calendar: Trigger;
}

/** Checks the registries as a whole and throws {@link InvalidRegistryError} with every fault found. */
export function validateRegistry(registry: Registry = registered): void {
  const { processors, triggers, ownTables } = registry;
  const tables = [...triggers.filter(isSource), ...processors].map(({ table }) => table);
  const faults = [
    ...twice(
      'processor',
      processors.map(({ name }) => name),
    ),
    ...twice(
      'source',
      triggers.map(({ name }) => name),
    ),
    ...twice('table', [...tables.map(({ name }) => name), ...ownTables]),
    ...triggers.filter(isSource).flatMap(({ table }) => faultsOfTable(table, 'nba_raw')),
    ...processors.flatMap((processor) => faultsOf(processor, registry)),
    ...faultsOfDefault(triggers),
  ];
  if (faults.length > 0) throw new InvalidRegistryError(faults);
}

/** What is registered. */
const registered: Registry = {
  ...{ processors, triggers, calendar },
  ownTables: Object.keys(orchestrationTables),
};

function twice(what: string, names: readonly string[]): string[] {
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(repeated)].map((name) => `There are two of the ${what} ${name}.`);
}

function faultsOf(processor: Processor, { processors, triggers, calendar }: Registry): string[] {
  const { name, table, reads, upstreams, expected, timeoutMs, version, rules, history, waivable } = processor;
  const aliases = [...Object.keys(reads), ...Object.keys(upstreams)];
  const known = (alias: string): boolean => aliases.includes(alias);
  const faults = [
    ...(/^[A-Z][A-Za-z0-9]*Processor$/.test(name) ? [] : ['its name is not written like NameProcessor']),
    ...(/^\d+\.\d+\.\d+$/.test(version) ? [] : [`its version is "${version}", expected one such as 1.0.0`]),
    ...(timeoutMs >= 1_000 ? [] : [`timeoutMs is ${timeoutMs}, expected 1000 at the least`]),
    ...twice('name', aliases),
    ...Object.values(upstreams)
      .filter((upstream) => !processors.includes(upstream))
      .map((upstream) => `it reads the table of ${upstream.name}, which is not registered`),
    ...[...Object.values(reads), ...processor.triggers]
      .filter((source) => !triggers.includes(source))
      .map((source) => `it names the source ${source.name}, which is not registered`),
    ...(Object.values(reads).some((source) => source === calendar)
      ? []
      : [`it does not read ${calendar.name}, which says what games there are`]),
    ...Object.keys(expected)
      .filter((alias) => !known(alias))
      .map((alias) => `it expects rows of ${alias}, which it does not read`),
    ...Object.keys(waivable)
      .filter((alias) => !Object.hasOwn(upstreams, alias))
      .map((alias) => `it can do without ${alias}, which is none of its upstreams`),
    ...twice(
      'rule',
      [...rules, ...(history ? [history] : [])].map((rule) => rule.name),
    ),
  ].map((fault) => `${name}: ${fault.replace(/\.$/, '')}.`);
  return [
    ...faults,
    ...faultsOfTable(table, 'nba_analytics'),
    ...['game_id', ...Object.keys(provenance)]
      .filter((column) => !Object.hasOwn(table.columns, column))
      .map((column) => `${table.name} has no column ${column}, which every published table has.`),
  ];
}

function faultsOfTable(table: TableDefinition, dataset: TableDefinition['dataset']): string[] {
  return [
    ...(table.dataset === dataset ? [] : [`${table.name} is in ${table.dataset}, expected ${dataset}.`]),
    ...(table.key[0] === 'game_date' ? [] : [`The key of ${table.name} does not begin with game_date.`]),
    ...table.key
      .filter((column) => !table.columns[column]?.required)
      .map((column) => `The key of ${table.name} names ${column}, which is no required column of it.`),
  ];
}

function faultsOfDefault(triggers: readonly Trigger[]): string[] {
  const defaults = triggers.filter(({ isDefault }) => isDefault);
  return defaults.length === 1
    ? []
    : [
        `${defaults.length} sources are the default, expected one: ${defaults.map(({ name }) => name).join(', ')}.`,
      ];
}
