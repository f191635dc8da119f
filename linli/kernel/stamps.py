"""Stamps: numbers that say whether reference data in memory is still what the database holds."""

from django.db import connection

from linli.kernel.models import Stamp


def read() -> dict[str, int]:
    """All stamps. One query of a handful of rows; a name that never changed is missing and counts as 0."""
    return dict(Stamp.objects.values_list("name", "n"))


def bump(name: str) -> int:
    """Say that the reference data *name* changed; visible to others at the caller's commit. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_stamp (name, n) VALUES (%s, 1)"
            " ON CONFLICT (name) DO UPDATE SET n = kernel_stamp.n + 1 RETURNING n",
            [name],
        )
        return int(cursor.fetchone()[0])
