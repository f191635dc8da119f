"""Running matters come to a newer version of their procedure by its declared mapping, after a preview."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import click
from django.db import transaction

from linli.core.language import Move
from linli.core.procedure import Procedure
from linli.core.refusals import Refused
from linli.core.snapshot import Actor, Decision, Entry
from linli.kernel import clock
from linli.matters import reference, standing
from linli.matters.apply import Write, write
from linli.matters.models import Clock, Matter

STEP = "version.moved"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do: how many matters from which stage to which; *stuck*: those whose stage leads nowhere."""

    stages: Mapping[tuple[str, str], int]
    clocks: Mapping[tuple[str, str], int]
    stuck: Mapping[str, int]


def preview(procedure: Procedure, was: int) -> Preview:
    """Look at every open matter of version *was*. Two queries. Raises Refused where no mapping is declared."""
    move = _move(procedure, was)
    rows = Matter.objects.filter(procedure=procedure.id, procedure_version=was, closed_at__isnull=True)
    stages: Counter[tuple[str, str]] = Counter()
    stuck: Counter[str] = Counter()
    for stage in rows.values_list("stage", flat=True):
        to = move.stages.get(stage, stage)
        if to in procedure.stages and procedure.stages[to].kind != "done":
            stages[stage, to] += 1
        else:
            stuck[stage] += 1
    clocks: Counter[tuple[str, str]] = Counter()
    for rule in Clock.objects.filter(matter__in=rows, state__in=("open", "paused")).values_list("rule", flat=True):
        to = move.clocks.get(rule, rule)
        clocks[rule, to if to in procedure.clocks else ""] += 1
    return Preview(stages, clocks, stuck)


def move(procedure: Procedure, was: int, *, actor: Actor, at: datetime) -> int:
    """Move every open matter that can be moved, a batch to a transaction; how many. May be repeated."""
    mapping, moved, last = _move(procedure, was), 0, UUID(int=0)
    while True:
        with transaction.atomic():
            rows = Matter.objects.filter(procedure=procedure.id, procedure_version=was, closed_at__isnull=True)
            ids = standing.lock(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
            found = standing.read(ids, reference.current(fresh=True))
            good = [w for w in found.values() if _fits(procedure, mapping, w.snap.stage)]
            write([Write(w, _decision(procedure, mapping, was, w.snap.stage), actor, at) for w in good])
            moving = [w.snap.matter for w in good]
            Matter.objects.filter(pk__in=moving).update(procedure_version=procedure.version)
            for old, new in mapping.clocks.items():
                Clock.objects.filter(matter__in=moving, rule=old).update(rule=new)
            moved += len(good)
        if not ids:
            return moved
        last = max(ids)


def _move(procedure: Procedure, was: int) -> Move:
    found = procedure.moves.get(was)
    if found is None:
        raise Refused("move_undeclared", procedure=procedure.labels, version=was)
    return found


def _fits(procedure: Procedure, mapping: Move, stage: str) -> bool:
    to = mapping.stages.get(stage, stage)
    return to in procedure.stages and procedure.stages[to].kind != "done"


def _decision(procedure: Procedure, mapping: Move, was: int, stage: str) -> Decision:
    to = mapping.stages.get(stage, stage)
    data: dict[str, object] = {"procedure": procedure.id, "version": {"from": was, "to": procedure.version}}
    if to != stage:
        data |= {"from": stage, "to": to}
    return Decision(to, (Entry(STEP, data),))


@click.command()
@click.argument("ident")
@click.argument("was", type=int)
@click.option("--apply", "apply_", is_flag=True, help="真的迁移；不加只预览。Move; without it only a preview.")
def command(ident: str, was: int, apply_: bool) -> None:
    """把在办事项从旧版规程迁到新版。Bring running matters of version WAS to the newest version of IDENT."""
    latest = reference.current(fresh=True).declared.latest.get(ident)
    if latest is None:
        raise click.ClickException(f"没有规程“{ident}”。No procedure {ident!r}.")
    try:
        seen = preview(latest, was)
    except Refused as refused:
        words = refused.refusal.words
        raise click.ClickException(f"{words.zh} {words.en}") from refused
    for (old, new), n in sorted(seen.stages.items()):
        click.echo(f"阶段 stage {old} → {new}: {n}")
    for (old, new), n in sorted(seen.clocks.items()):
        click.echo(f"时钟 clock {old} → {new or '停止 stops'}: {n}")
    for old, n in sorted(seen.stuck.items()):
        click.echo(f"留在旧版 stays {old}: {n}")
    if apply_:
        done = move(latest, was, actor=Actor("system", "move", "", frozenset({"system"})), at=clock.now())
        click.echo(f"已迁移 moved: {done}")
