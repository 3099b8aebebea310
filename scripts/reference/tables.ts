/** The page of tables, from the catalogue. */
import { calendar } from '../../src/games/evidence';
import { gameFields, type GameField } from '../../src/games/game';
import { processors } from '../../src/plan/registry';
import type { AnyOrigin } from '../../src/processors/define-columns';
import type { Processor } from '../../src/processors/define-processor';
import { tables } from '../../src/tables/catalogue';
import type { TableDefinition } from '../../src/tables/define-table';
import { code, madeFrom, page, sentence, table } from './markdown';

/** What a dataset holds; one that is not here is listed without a sentence. */
const datasets: Readonly<Record<string, string>> = {
  nba_raw: 'Raw tables. Another system writes them; phase3 reads them, and only `phase3 load` writes them.',
  nba_analytics:
    'The tables that phase3 publishes. A partition is one game date, and is replaced as a whole.',
  nba_orchestration:
    'What phase3 records about its own work. `<table>_versions` beside them hold the rows of earlier versions, by stage id.',
};

export function tablesPage(): string {
  const all: readonly TableDefinition[] = Object.values(tables);
  const names = [...new Set(all.map(({ dataset }) => dataset))];
  return page(
    '# Tables',
    madeFrom('the table catalogue ([src/tables](../../src/tables))'),
    'Types are those of BigQuery. A required column never holds null. All tables are partitioned by `game_date`, and on BigQuery a query must filter by it.',
    ...names.flatMap((name) => [
      `## ${name}`,
      datasets[name] ?? '',
      ...all.filter(({ dataset }) => dataset === name).flatMap(section),
    ]),
  );
}

function section({ name, description, key, columns }: TableDefinition): string[] {
  const processor = processors.find(({ table: published }) => published.name === name);
  const described = Object.entries(columns).map(([column, declared]) => {
    // Declared by those columns that need one.
    const {
      type,
      required,
      description: meaning = '',
    }: typeof declared & { description?: string } = declared;
    return [code(column), type, required ? 'required' : '', meaning || comesFrom(processor, column)];
  });
  const hasMeanings = described.some(([, , , meaning]) => meaning !== '');
  return [
    `### ${name}`,
    sentence(description),
    `Key: ${key.map(code).join(', ')}.`,
    table(
      ['column', 'type', '', ...(hasMeanings ? [processor ? 'comes from' : 'meaning'] : [])],
      described.map((row) => (hasMeanings ? row : row.slice(0, 3))),
    ),
  ];
}

/** Where a column comes from, by the declaration that its rows are built by; empty for a table that nobody builds. */
function comesFrom(processor: Processor | undefined, column: string): string {
  if (!processor) return '';
  const origin: AnyOrigin | undefined = processor.columns[column];
  switch (origin?.kind) {
    case undefined:
      return 'the publication';
    case 'empty':
      return `null: ${origin.why}`;
    case 'own':
      return code(origin.column);
    case 'copied':
      return copied(processor, origin.part, origin.field);
    case 'computed': {
      const { formula } = origin;
      const text = 'words' in formula ? formula.words : code(formula.arithmetic);
      return [text, formula.unit, formula.source].filter(Boolean).join('; ');
    }
  }
}

function copied({ reads, upstreams, madeFrom }: Processor, part: string, field: string): string {
  if (part === 'game') {
    const { columns, how }: { columns: readonly string[]; how?: string } = gameFields[field as GameField];
    return how ?? `${columns.map(code).join(', ')} of ${calendar.name}`;
  }
  const alias = madeFrom[part] ?? part;
  return `${code(field)} of ${(reads[alias] ?? upstreams[alias])?.table.name ?? alias} (${part})`;
}
