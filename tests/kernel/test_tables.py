"""What the tables themselves refuse."""

import pytest
from django.db import IntegrityError, connection

from linli.kernel import clock
from linli.kernel.models import Declaration, Outbox

pytestmark = pytest.mark.django_db


def test_postgres_is_new_enough() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        assert cursor.fetchone()[0] >= 150000


def test_one_row_per_topic_and_key() -> None:
    Outbox.objects.create(topic="t", key="k", available_at=clock.now())
    with pytest.raises(IntegrityError):
        Outbox.objects.create(topic="t", key="k", available_at=clock.now())


def test_unknown_kind_of_declaration() -> None:
    with pytest.raises(IntegrityError):
        Declaration.objects.create(
            kind="rumour", ident="x", version=1, body="", published_at=clock.now(), published_by="a"
        )
