"""The database role of run workers: the tables of runs, and nothing else of the site."""

from django.db import connection, transaction
from psycopg import sql

from lambdalab.runs.models import Run, TraceChunk

ROLE = "lambdalab_runs"


@transaction.atomic
def role_grant(password: str) -> None:
    """Make the role if it is missing, set its password, and give it its rights again."""
    role = sql.Identifier(ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
        login = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(password))
        cursor.execute(login.as_string(cursor.connection))
        tables = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in (Run, TraceChunk))
        for words in ("SELECT, UPDATE ON {}", "INSERT, DELETE ON {}"):
            of = sql.Identifier(TraceChunk._meta.db_table) if words.startswith("INSERT") else tables
            grant = sql.SQL("GRANT " + words + " TO {}").format(of, role)
            cursor.execute(grant.as_string(cursor.connection))
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [TraceChunk._meta.db_table])
        sequence = sql.SQL(cursor.fetchone()[0])
        usage = sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(sequence, role)
        cursor.execute(usage.as_string(cursor.connection))
