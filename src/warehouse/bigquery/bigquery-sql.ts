/**
 * GoogleSQL, made from the declared tables. It keeps to what both Google documents and the emulator runs: fully qualified
 * names, named columns, `UNNEST` always with an alias. Every table is partitioned by `game_date` and requires a filter on
 * it.
 */
import { orchestrationTables, tableOf, type TableName } from '../../tables/catalogue';
import type { TableDefinition } from '../../tables/define-table';
import { storedName, versionsName, type DatasetPrefix } from '../datasets';

export class BigQuerySql {
  private readonly manifests: string;
  private readonly fences: string;
  private readonly history: string;

  constructor(
    private readonly projectId: string,
    private readonly prefix: DatasetPrefix,
  ) {
    this.manifests = this.table(orchestrationTables.partition_manifest);
    this.fences = this.table(orchestrationTables.date_fence);
    this.history = this.table(orchestrationTables.run_history);
  }

  /** `\`project.dataset.table\`` */
  table(definition: TableDefinition): string {
    return this.quoted(storedName(definition, this.prefix));
  }

  quoted(name: string): string {
    return `\`${this.projectId}.${name}\``;
  }

  /** Rows of a date from several tables, each as one JSON text: one statement is one snapshot. */
  readDate(names: readonly TableName[]): string {
    return names
      .map(
        (name) =>
          `SELECT '${name}' AS t, TO_JSON_STRING(s) AS j
           FROM (SELECT ${readColumns(tableOf(name))} FROM ${this.table(tableOf(name))} WHERE game_date = @game_date) AS s`,
      )
      .join('\nUNION ALL\n');
  }

  readStaged(table: TableDefinition, stage: string): string {
    return `SELECT TO_JSON_STRING(s) AS j
      FROM (SELECT ${columnList(table)} FROM ${this.quoted(stage)} WHERE game_date >= DATE '0001-01-01') AS s`;
  }

  countRows(table: TableDefinition): string {
    return `SELECT COUNT(*) AS n FROM ${this.table(table)} WHERE game_date BETWEEN @first AND @last`;
  }

  dateRange(table: TableDefinition): string {
    return `SELECT FORMAT_DATE('%F', MIN(game_date)) AS lo, FORMAT_DATE('%F', MAX(game_date)) AS hi
      FROM ${this.table(table)} WHERE game_date >= DATE '0001-01-01'`;
  }

  /** When the rows of the newest `@most` dates came. */
  arrivals(table: TableDefinition): string {
    return `SELECT FORMAT_DATE('%F', game_date) AS d, UNIX_MILLIS(MAX(processed_at)) AS newest FROM ${this.table(table)}
      WHERE game_date BETWEEN @first AND @last AND processed_at IS NOT NULL
      GROUP BY game_date ORDER BY game_date DESC LIMIT @most`;
  }

  /** `columns`: what is to be read where the table is another system's; everything declared otherwise. */
  exportRows(
    table: TableDefinition,
    name = this.table(table),
    columns: readonly string[] = Object.keys(table.columns),
  ): string {
    return `SELECT TO_JSON_STRING(s) AS j
      FROM (SELECT ${castColumns(table, columns)} FROM ${name} WHERE game_date BETWEEN @first AND @last) AS s
      ORDER BY ${table.key.map((column) => `s.${column}`).join(', ')}`;
  }

  /** Dates that a staged load brings, with their rows. */
  stagedDates(stage: string): string {
    return `SELECT FORMAT_DATE('%F', game_date) AS d, COUNT(*) AS n FROM ${this.quoted(stage)}
      WHERE game_date >= DATE '0001-01-01' GROUP BY d ORDER BY d`;
  }

  /** How many rows the partitions of `@dates` have, as `n`. */
  rowsOnDates(table: TableDefinition): string {
    return `SELECT COUNT(*) AS n FROM ${this.table(table)}
      WHERE game_date BETWEEN @first AND @last AND game_date IN UNNEST(@dates)`;
  }

  /** Replaces the partitions of `@dates` by what was staged. */
  replacePartitions(table: TableDefinition, stage: string): string {
    const columns = columnList(table);
    return `BEGIN TRANSACTION;
      DELETE FROM ${this.table(table)} WHERE game_date BETWEEN @first AND @last AND game_date IN UNNEST(@dates);
      INSERT INTO ${this.table(table)} (${columns})
        SELECT ${columns} FROM ${this.quoted(stage)} WHERE game_date BETWEEN @first AND @last;
      COMMIT TRANSACTION;`;
  }

  /**
   * Inserts the rows of a parameter whose key is not there. `dates`: where their dates lie, as a condition. Inserts do not collide: of
   * two at once each would find the key free, so they are one job, or in transactions that write the date's fence.
   */
  append(table: TableDefinition, rows = '@rows', dates = 'BETWEEN @first AND @last'): string {
    const same = table.key.map((column) => `x.${column} = r.${column}`).join(' AND ');
    const name = this.table(table);
    return `INSERT INTO ${name} (${columnList(table)})
      SELECT ${columnList(table, 'r.')} FROM UNNEST(${rows}) AS r
      WHERE NOT EXISTS (SELECT 1 FROM ${name} AS x WHERE x.game_date ${dates} AND ${same})`;
  }

  /**
   * Takes the date over unless the pass is over; ends with the rows of the date from these tables. The old row is deleted and not updated: two
   * claims of one date must collide, and so must a claim and a publication.
   */
  claimDate(names: readonly TableName[], unlessHeld = false): string {
    const ofAnother = "OR (run_id != @run_id AND state = 'open')";
    return `DECLARE is_over BOOL;
      BEGIN TRANSACTION;
      SET is_over = EXISTS (SELECT 1 FROM ${this.fences} WHERE game_date = @game_date AND ((run_id = @run_id
        AND (pass > @pass OR (pass = @pass AND state = 'closed'))) ${unlessHeld ? ofAnother : ''}));
      IF NOT is_over THEN
        DELETE FROM ${this.fences} WHERE game_date = @game_date;
        INSERT INTO ${this.fences} (game_date, run_id, pass, state, changed_at)
          SELECT @game_date, @run_id, @pass, 'open', @at;
      END IF;
      COMMIT TRANSACTION;
      ${this.readDate(names)};`;
  }

  /** Ends the pass's own claim and records the pass, once: the fence is written in any case, so that two attempts collide. */
  closePass(): string {
    return `BEGIN TRANSACTION;
      UPDATE ${this.fences} SET
          state = IF(run_id = @run_id AND pass = @pass, 'closed', state),
          changed_at = IF(run_id = @run_id AND pass = @pass, @at, changed_at)
        WHERE game_date = @game_date;
      ${this.append(orchestrationTables.run_history)};
      COMMIT TRANSACTION;`;
  }

  /**
   * Publishes what was staged, or says why not. The date's fence is written, unchanged, by every publication: under
   * snapshot isolation a publication that only read it could commit beside a claim, or beside the publication of what it
   * was built on.
   */
  publish(table: TableDefinition, stage: string, keepsRaw = false): string {
    const columns = columnList(table);
    const live = this.table(table);
    const staged = this.quoted(stage);
    return this.putOnRecord(
      table,
      staged,
      `DELETE FROM ${live} WHERE game_date = @game_date;
        INSERT INTO ${live} (${columns}) SELECT ${columns} FROM ${staged} WHERE game_date = @game_date;
        ${this.keepVersion(table, staged)};
        ${keepsRaw ? `${this.append(orchestrationTables.raw_kept, '@raw', '= @game_date')};` : ''}`,
    );
  }

  /** Puts what is live on record as it is. */
  adopt(table: TableDefinition): string {
    const live = this.table(table);
    return this.putOnRecord(table, live, `${this.keepVersion(table, live)};`);
  }

  /** Unless it is refused: does `work` and writes the manifest, in one transaction. `source` holds the checked rows. */
  private putOnRecord(table: TableDefinition, source: string, work: string): string {
    return `DECLARE refusal STRING;
      DECLARE manifests ARRAY<STRING>;
      DECLARE fences ARRAY<STRING>;
      BEGIN TRANSACTION;
      SET fences = ${this.asJson(orchestrationTables.date_fence, this.fences)};
      SET manifests = ${this.asJson(
        orchestrationTables.partition_manifest,
        this.manifests,
        // A variable holds a megabyte, and a date may have any number of versions.
        'QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name ORDER BY version DESC) = 1',
      )};
      SET refusal = (SELECT CASE
        WHEN (SELECT COUNT(*) FROM ${this.fences} WHERE game_date = @game_date) != 1
          OR NOT EXISTS (SELECT 1 FROM ${this.fences} WHERE game_date = @game_date
            AND run_id = @run_id AND pass = @pass AND state = 'open') THEN 'refused'
        WHEN IFNULL((SELECT MAX(version) FROM ${this.manifests}
          WHERE game_date = @game_date AND table_name = @table_name), 0) != @expected_version THEN 'refused'
        WHEN EXISTS (SELECT 1 FROM UNNEST(@upstreams) AS u
          LEFT JOIN (SELECT table_name, MAX(version) AS version FROM ${this.manifests}
            WHERE game_date = @game_date GROUP BY table_name) AS m ON m.table_name = u.table_name
          WHERE IFNULL(m.version, 0) != u.version) THEN 'refused'
        WHEN (SELECT COUNT(*) FROM ${source} WHERE game_date = @game_date) != @row_count THEN 'stage_broken'
        WHEN ${this.isKept(table)} THEN 'stage_kept'
        END);
      IF refusal IS NULL THEN
        UPDATE ${this.fences} SET changed_at = changed_at WHERE game_date = @game_date;
        ${work}
        INSERT INTO ${this.manifests} (${columnList(orchestrationTables.partition_manifest)})
          SELECT ${columnList(orchestrationTables.partition_manifest, 'r.')} FROM UNNEST(@rows) AS r;
      END IF;
      COMMIT TRANSACTION;
      SELECT refusal, manifests, fences;`;
  }

  /** Rows of a kept version, by its stage id. */
  readKept(table: TableDefinition): string {
    return `SELECT TO_JSON_STRING(s) AS j
      FROM (SELECT ${columnList(table)} FROM ${this.quoted(versionsName(table, this.prefix))}
            WHERE game_date = @game_date AND stage_id = @stage_id) AS s
      ORDER BY ${table.key.map((column) => `s.${column}`).join(', ')}`;
  }

  /** Keeps a refused set with the row that says so, once. */
  quarantine(table: TableDefinition, stage: string): string {
    return `BEGIN TRANSACTION;
      ${this.keepVersion(table, this.quoted(stage))} AND NOT ${this.isKept(table)};
      ${this.append(orchestrationTables.quarantine)};
      COMMIT TRANSACTION;`;
  }

  /**
   * Removes kept versions, `@stages`, from these tables, and raw rows that are not among `@raw`, unless another pass has
   * claimed the date; tells whether it did. It writes the fence as a publication does: the two collide with a claim.
   */
  prune(names: readonly TableName[]): string {
    const { raw_kept: raw, pruned_version: pruned } = orchestrationTables;
    const removals = names.map(
      (name) => `DELETE FROM ${this.quoted(versionsName(tableOf(name), this.prefix))}
          WHERE game_date = @game_date AND CONCAT('${name} ', stage_id) IN UNNEST(@stages);`,
    );
    return `DECLARE is_held BOOL;
      BEGIN TRANSACTION;
      SET is_held = (SELECT COUNT(*) FROM ${this.fences} WHERE game_date = @game_date) = 1
        AND EXISTS (SELECT 1 FROM ${this.fences} WHERE game_date = @game_date AND run_id = @run_id AND pass = @pass);
      IF is_held THEN
        UPDATE ${this.fences} SET changed_at = changed_at WHERE game_date = @game_date;
        ${removals.join('\n')}
        DELETE FROM ${this.table(raw)} WHERE game_date = @game_date
          AND CONCAT(table_name, ' ', input_hash) NOT IN UNNEST(@raw);
        ${this.append(pruned, '@rows', '= @game_date')};
      END IF;
      COMMIT TRANSACTION;
      SELECT IF(is_held, 'pruned', 'fenced') AS outcome;`;
  }

  private keepVersion(table: TableDefinition, source: string): string {
    return `INSERT INTO ${this.quoted(versionsName(table, this.prefix))} (stage_id, ${columnList(table)})
          SELECT @stage_id, ${columnList(table)} FROM ${source} WHERE game_date = @game_date`;
  }

  /** Whether rows are kept under the stage id already. */
  private isKept(table: TableDefinition): string {
    return `EXISTS (SELECT 1 FROM ${this.quoted(versionsName(table, this.prefix))} AS v
            WHERE v.game_date = @game_date AND v.stage_id = @stage_id)`;
  }

  private asJson(table: TableDefinition, name: string, only = ''): string {
    return `ARRAY(SELECT TO_JSON_STRING(s)
        FROM (SELECT ${columnList(table)} FROM ${name} WHERE game_date = @game_date ${only}) AS s)`;
  }
}

/** `a, b, c` */
function columnList(table: TableDefinition, prefix = ''): string {
  return Object.keys(table.columns)
    .map((name) => `${prefix}${name}`)
    .join(', ');
}

/** Raw tables are other people's: a NUMERIC there is a FLOAT64 here. Ours are what they were declared. */
function readColumns(table: TableDefinition): string {
  return table.dataset === 'nba_raw' ? castColumns(table, Object.keys(table.columns)) : columnList(table);
}

function castColumns(table: TableDefinition, columns: readonly string[]): string {
  return columns
    .map((name) => {
      const type = table.columns[name]?.type ?? 'STRING';
      if (type === 'DATE' || type === 'TIMESTAMP') return name;
      // A cast to INT64 rounds 101.5 without a word, and refuses a NaN without naming the table: the decoder names it.
      return `CAST(${name} AS ${type === 'INT64' ? 'FLOAT64' : type}) AS ${name}`;
    })
    .join(', ');
}
