"""``linli verify``: whether every history is as it was written."""

import json
import sys
from datetime import datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.kernel import clock
from linli.matters import seals
from linli.matters.models import Event, Matter, Seal


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="只核对此后变动的事项（封印总是全部核对）。Only matters that moved since then; seals are always checked.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def verify(since: datetime | None, as_json: bool) -> None:
    """核对全部办理记录的哈希链、文字、附件和封印；有问题时退出码为 1。Check all histories; exit code 1 on faults."""
    from django.utils import timezone

    start = timezone.make_aware(since) if since else None
    rows = Matter.objects.filter(updated_at__gte=start) if start else Matter.objects.all()
    before = clock.monotonic()
    columns = (TextColumn("核对 Checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as progress:
        task = progress.add_task("verify", total=rows.count())
        faults = list(seals.verify(start, lambda n: progress.advance(task, n)))
    said = {
        "matters": rows.count(),
        "events": Event.objects.count(),
        "seals": Seal.objects.count(),
        "seconds": round(clock.monotonic() - before, 2),
        "faults": [{"where": fault.where, "what": fault.what} for fault in faults],
    }
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(f"{fault.where}: {fault.what}", err=True)
        click.echo(f"事项 matters {said['matters']}　记录 events {said['events']}　封印 seals {said['seals']}")
        click.echo(f"问题 faults {len(faults)}" if faults else "全部相符 All is as it was written.")
    if faults:
        sys.exit(1)
