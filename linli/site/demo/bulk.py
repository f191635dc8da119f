"""Writing many rows at once: PostgreSQL's COPY, table by table, inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from linli.core.ids import uuid7

Row = Sequence[Any]


def copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Append *rows* to *table*; returns how many. A dict or list becomes JSON."""
    count = 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        write = stream.write_row
        for row in rows:
            write(row)
            count += 1
    return count


def json(value: Any) -> str:
    """JSON text for a jsonb column."""
    return orjson.dumps(value).decode()


class Keys:
    """New keys whose order is that of their making, so that what depends on order is the same for a seed."""

    def __init__(self, at: datetime) -> None:
        self.next = int(at.timestamp() * 1000)

    def __call__(self) -> UUID:
        self.next += 1
        return uuid7(self.next)
