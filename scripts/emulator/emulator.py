"""
Starts local-bigquery with its questions about one table asked of that table. It asks them of `duckdb_tables()` and
`duckdb_columns()`, which read the columns and sizes of every table of every project and of every result so far: several times
per statement, and together most of the processor time that it took. The answers are the same.
"""

import inspect
import sys

import duckdb

import local_bigquery  # noqa: F401 - loads all of it, so that what is replaced below stays replaced
from local_bigquery.catalog import names, tables
from local_bigquery.cli import main
from local_bigquery.engine import database, types
from local_bigquery.errors import not_found
from local_bigquery.jobs import query
from local_bigquery.sql.rules import partitions

objects_of_dataset = database.objects
plain_connect = duckdb.connect
plain_write = tables.write

IN_LAKE = """
    SELECT table_name, 'TABLE', coalesce(record_count, 0)
    FROM {lake}.ducklake_table t JOIN {lake}.ducklake_schema s USING (schema_id)
    LEFT JOIN {lake}.ducklake_table_stats USING (table_id)
    WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND schema_name = $1 AND table_name = $2
    UNION ALL SELECT view_name, 'VIEW', 0
    FROM {lake}.ducklake_view v JOIN {lake}.ducklake_schema s USING (schema_id)
    WHERE v.end_snapshot IS NULL AND s.end_snapshot IS NULL AND schema_name = $1 AND view_name = $2
"""

COLUMNS_IN_LAKE = """
    SELECT column_name, nulls_allowed
    FROM {lake}.ducklake_column c JOIN {lake}.ducklake_table t USING (table_id)
    JOIN {lake}.ducklake_schema s USING (schema_id)
    WHERE c.end_snapshot IS NULL AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL
    AND parent_column IS NULL AND schema_name = $1 AND table_name = $2
"""


def objects(project_id, dataset_id, table_id=None):
    """What has that name in a dataset: its name, kind and number of rows."""
    if table_id is None:
        return objects_of_dataset(project_id, dataset_id)
    try:
        if project_id == "emulator":
            path = database.quote(project_id, dataset_id, table_id)
            [(rows,)] = database.fetch(f"SELECT count(*) FROM {path}")
            return [(table_id, "TABLE", rows)]
        lake = database.quote(f"__ducklake_metadata_{project_id}")
        return database.fetch(IN_LAKE.format(lake=lake), [dataset_id, table_id])
    except duckdb.CatalogException:
        return []


def columns_in_lake(project_id, dataset_id, table_id):
    """The columns of a table: for each whether it may be null."""
    lake = database.quote(f"__ducklake_metadata_{project_id}")
    try:
        return dict(database.fetch(COLUMNS_IN_LAKE.format(lake=lake), [dataset_id, table_id]))
    except duckdb.CatalogException:
        return {}


def columns(project_id, dataset_id, table_id):
    # Of a result, and so of what is not in the lake, no column is required.
    may_be_null = columns_in_lake(*tables.physical(project_id, dataset_id, table_id))
    with database.cursor() as cur:
        try:
            relation = cur.sql(f"SELECT * FROM {tables.name(project_id, dataset_id, table_id)} LIMIT 0")
        except duckdb.CatalogException:
            raise not_found("Table", names.label(project_id, dataset_id, table_id)) from None
        return [
            types.field(column, kind, not may_be_null.get(column, True))
            for column, kind in zip(relation.columns, relation.types)
            if column != tables.INGESTION_TIME or dataset_id == tables.RESULTS
        ]


def hidden(table):
    """Whether a table has the column of ingestion-time partitions. No view that we make has one."""
    if not (table.catalog and table.db) or not isinstance(table.this, partitions.exp.Identifier):
        return False
    return tables.INGESTION_TIME in columns_in_lake(table.catalog, table.db, table.name)


def connect(*args, config=None, **more):
    """With one thread per query: tables of a few rows are not worth waking another for."""
    return plain_connect(*args, config={**(config or {}), "threads": 1}, **more)


class AskedOnce:
    """A cursor that plans the same query once: writing a result asks twice in a row for its columns, which takes as long as it."""

    def __init__(self, cur):
        self._cur, self._asked, self._relation = cur, None, None

    def sql(self, query, params=None):
        if self._asked != (query, params):
            self._asked, self._relation = (query, params), self._cur.sql(query, params=params)
        return self._relation

    def __getattr__(self, name):
        return getattr(self._cur, name)


def write(cur, *args, **more):
    return plain_write(AskedOnce(cur), *args, **more)


def without_session_no_temporary_tables():
    """A connection of its own has none yet, so that only a session's is asked for them."""
    asked = "temporary.fetchall()"
    source = inspect.getsource(query.execute)
    if source.count(asked) != 1:
        sys.exit("This local-bigquery asks for temporary tables in another way: change emulator.py.")
    exec(source.replace(asked, f"({asked} if session else [])"), vars(query))


if __name__ == "__main__":
    database.objects = objects
    tables.columns = columns
    tables.write = write
    partitions._hidden = hidden
    duckdb.connect = connect
    without_session_no_temporary_tables()
    sys.exit(main())
