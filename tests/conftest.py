"""What all tests share: a PostgreSQL of their own, and the field data when it is there."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
BASE = Path(tempfile.gettempdir()) / f"linli-tests-{os.getuid()}"


def _settle_environment() -> None:
    """The settings of the tests: nothing from the developer's own LINLI_… variables."""
    kept = {"LINLI_FIELD_DATA", "LINLI_TEST_DATABASE_URL", "LINLI_SOAK"}
    for name in [name for name in os.environ if name.startswith("LINLI_") and name not in kept]:
        del os.environ[name]
    os.environ["DJANGO_SETTINGS_MODULE"] = "linli.site.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread between its tests
    os.environ["LINLI_DATA"] = str(BASE)
    (BASE / "static").mkdir(parents=True, exist_ok=True)
    os.environ["LINLI_ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
    if given := os.environ.get("LINLI_TEST_DATABASE_URL"):
        os.environ["LINLI_DATABASE_URL"] = given


_settle_environment()


def pytest_configure(config: pytest.Config) -> None:
    """Read Django's settings now, with the environment settled; pytest-django then sets Django up."""
    from django.conf import settings

    assert settings.DATABASES


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The tests' own PostgreSQL, started when the first test needs it.

    Its folder is kept between runs (creating it is the slow part), and the last of several runs stops it. fsync is off:
    these tests never pull the plug on this cluster.
    """
    if os.environ.get("LINLI_TEST_DATABASE_URL"):
        yield
        return
    with Cluster(BASE, durable=False).using():
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None) -> None:
    """A test database for each run, so that runs at the same time don't meet."""
    from django.db import connections

    default = connections["default"]
    default.settings_dict["TEST"]["NAME"] = f"test_linli_{os.getpid()}"
    flush = default.ops.sql_flush

    def flush_past_triggers(*arguments: Any, **options: Any) -> list[str]:
        """Empty the tables between tests although append-only ones refuse TRUNCATE by trigger."""
        return ["SET LOCAL session_replication_role = replica", *flush(*arguments, **options)]

    default.ops.sql_flush = flush_past_triggers  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def field_data() -> Path:
    """The folder of real data, from LINLI_FIELD_DATA or beside the checkout; tests skip without it."""
    given = os.environ.get("LINLI_FIELD_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "field-data"
    if not folder.is_dir():
        pytest.skip(f"no field data: {folder} is not there (set LINLI_FIELD_DATA to its folder)")
    return folder


@pytest.fixture(scope="session")
def scale() -> float:
    """1 under ``make soak``, a tenth otherwise: the safeguards' figures are multiplied by it."""
    return 1.0 if os.environ.get("LINLI_SOAK") else 0.1


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A short-named temporary folder that other system users may walk into (the embedded database's user)."""
    with tempfile.TemporaryDirectory(prefix="ll-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(autouse=True)
def _no_likeness_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of a test begins the process's likeness index: its thread would keep a connection to the database."""
    from linli.matters.likeness_index import Shared

    monkeypatch.setattr(Shared, "wanted", lambda self: None)
