"""``linli procedures walk ID``: plays every path of a procedure on a scratch database, through the real API."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from linli.procedures.load import overrides, procedure, shipped
from linli.site.bootstrap import django_ready, migrate

if TYPE_CHECKING:
    from linli.core.procedure import Procedure
    from linli.parties.access import Viewer
    from linli.site.walk_town import Town

START: Final = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)  # a Monday, 09:00; both years have holiday tables


@click.command()
@click.argument("ident", required=False)
@click.option(
    "--declarations", type=click.Path(exists=True, file_okay=False, path_type=Path), help="自己的声明目录。Own."
)
def walk(ident: str | None, declarations: Path | None) -> None:
    """把规程的每条路径从发起走到办结；不给标识时走全部。Play every path from open to close; all without IDENT."""
    bodies = shipped("procedures") | (overrides(declarations, "procedures") if declarations else {})
    found = {p.id: p for p in (procedure(body, name) for name, body in bodies.items()) if p.opening is not None}
    if ident is not None and ident not in found:
        raise click.ClickException(f"没有可走的规程“{ident}”：{', '.join(found)}。No procedure {ident!r} to walk.")
    chosen = [found[ident]] if ident else list(found.values())
    with scratch(bodies):
        from linli.site.walk_town import build

        town = build(list(found.values()), START)
        faults = [fault for one in chosen for fault in walk_one(one, town)]
    for fault in faults:
        click.secho(f"✗ {fault}", fg="red", err=True)
    words = f"{len(chosen)}个规程，{len(faults)}处走不通。{len(chosen)} procedures walked, {len(faults)} faults."
    click.echo(words)
    sys.exit(1 if faults else 0)


@contextmanager
def scratch(bodies: Mapping[str, str]) -> Iterator[None]:
    """An empty database of its own with these declarations; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ll-walk-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        own = folder / "declarations" / "procedures"
        own.mkdir(parents=True)
        for ident, body in bodies.items():
            if body != shipped("procedures").get(ident):
                (own / f"{ident}.toml").write_text(body, "utf-8")
        os.environ.pop("LINLI_DATABASE_URL", None)
        os.environ |= {"LINLI_DATA": name, "LINLI_ALLOWED_HOSTS": "testserver,localhost"}
        from linli.kernel import postgres

        with postgres.using():
            django_ready()
            migrate(verbosity=0)
            try:
                yield
            finally:
                from django.db import connections

                connections.close_all()


def walk_one(found: "Procedure", town: "Town") -> list[str]:
    """Walk every way of one procedure; what could not be walked."""
    from django.db import transaction

    from linli.site.walker import loops, ways

    click.secho(f"\n■ {found.labels.zh} {found.labels.en} · {found.id}/{found.version}", bold=True)
    click.echo(f"  {found.source}")
    taken: set[str] = set()
    faults: list[str] = []
    for number, way in enumerate([*ways(found, found.first), *loops(found)], 1):
        click.secho(f"\n  路径 path {number}: {' → '.join(way)}", bold=True)
        try:
            with transaction.atomic():
                _one_way(found, town, way, taken)
                transaction.set_rollback(True)
        except Exception as error:
            faults.append(f"{found.id} {' → '.join(way)}: {error}")
            click.secho(f"    ✗ {error}", fg="red")
    missed = sorted(set(found.steps) - taken)
    if missed:
        faults.append(f"{found.id}: never taken: {', '.join(missed)}")
    return faults


def _one_way(found: "Procedure", town: "Town", way: list[str], taken: set[str]) -> None:
    """Open, and go this way; at each stage first the steps that no way has taken yet and that lead nowhere else."""
    from linli.procedures.sample import variants
    from linli.site.walker import Stuck, Walk

    one = Walk(town, call, lambda line: click.echo(f"    {line}"), START, taken)
    one.open(found)
    for name in way:
        for step in found.steps_from(one.row.stage):
            if not step.to and step.id not in taken:
                one.take(step.id)
        if set(found.steps[name].by) == {"clock"}:
            one.lapse(next(c.id for c in found.clocks.values() if c.lapse == name))
            continue
        choices = variants(found.steps[name]) or [{}]
        one.take(name, choices[len(taken) % len(choices)])
    for step in found.steps_from(one.row.stage):  # after the end: a revisit, an objection
        if step.id not in taken and not (step.to and set(step.by) == {"clock"}):
            try:
                one.take(step.id)
            except Stuck as stuck:
                click.echo(f"    … {stuck}")


_SERIAL = 0


def call(method: str, path: str, viewer: "Viewer", body: Mapping[str, Any], at: datetime) -> tuple[int, Any]:
    """One call of the API as *viewer* at *at*; each from an address of its own, so that limits do not bind."""
    global _SERIAL
    from django.test import Client

    from linli.kernel import clock

    _SERIAL += 1
    client = Client(REMOTE_ADDR=f"10.{_SERIAL >> 16 & 255}.{_SERIAL >> 8 & 255}.{_SERIAL & 255}")
    with clock.at(at):
        if viewer.kind == "person":
            _sign_in(client, viewer)
        sent = json.dumps(dict(body), ensure_ascii=False)
        answer = client.generic(method, f"/api/v1/{path}", sent, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else {}


def _sign_in(client: Any, viewer: "Viewer") -> None:
    """A session that has passed both factors."""
    from django.conf import settings

    from linli.parties.models import Person

    client.force_login(Person.objects.get(pk=viewer.id), backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 0}]
    session["account_authentication_methods_user"] = viewer.id
    session.save()
