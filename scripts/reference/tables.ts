/** The page of tables, from the catalogue. */
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
  const described = Object.entries(columns).map(([column, declared]) => {
    // Declared by those columns that need one.
    const {
      type,
      required,
      description: meaning = '',
    }: typeof declared & { description?: string } = declared;
    return [code(column), type, required ? 'required' : '', meaning];
  });
  const hasMeanings = described.some(([, , , meaning]) => meaning !== '');
  return [
    `### ${name}`,
    sentence(description),
    `Key: ${key.map(code).join(', ')}.`,
    table(
      ['column', 'type', '', ...(hasMeanings ? ['meaning'] : [])],
      described.map((row) => (hasMeanings ? row : row.slice(0, 3))),
    ),
  ];
}
