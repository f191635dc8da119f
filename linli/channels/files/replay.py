"""``linli replay``: the requests of a table, played at N times their own pace through the real HTTP door."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from linli.channels.files import tables, times, wording
from linli.channels.files.player import Log, Player, Shot, percentile
from linli.core.refusals import Refused
from linli.kernel import settings


@click.command("replay")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--speed", type=click.FloatRange(min=0), default=1.0, help="倍数；0 为尽快。Times its own pace; 0: at once."
)
@click.option("--url", default="", help="服务地址。The server; by default this machine's.")
@click.option("--token", envvar="LINLI_TOKEN", default="", help="接口令牌（matters:create）。A token.")
@click.option("--limit", type=click.IntRange(min=1), help="最多发送几条。How many at most.")
@click.option("--connections", type=click.IntRange(1, 256), default=16, help="同时发送数。Requests at a time.")
@click.option("--near", default="", help="诉求所属地方代码。The area the requests belong to.")
@click.option("--crs", type=click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"]), default="wgs84", help="坐标系。")
@click.option(
    "--log", "log_path", type=click.Path(dir_okay=False, path_type=Path), help="发送记录。The log of answers."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(
    path: Path,
    speed: float,
    url: str,
    token: str,
    limit: int | None,
    connections: int,
    near: str,
    crs: str,
    log_path: Path | None,
    as_json: bool,
) -> None:
    """按原有节奏的 N 倍重放诉求，经真实接口提交。Play the requests of a table through the real door.

    中断后再次运行即接着发送：已答复的记在发送记录中。
    Run it again after an interruption: what was answered stands in the log and is not sent again.
    """
    held = settings.current()
    log = Log(log_path or Path(f"{path.stem}-replay.jsonl"))
    try:
        shots = shots_of(path, ZoneInfo(held.time_zone), near, crs)
    except Refused as refused:
        words = refused.refusal.words
        click.echo(f"{words.zh}\n{words.en}", err=True)
        sys.exit(1)
    answered = log.answered()
    due = [shot for shot in shots if shot.key not in answered][:limit]
    player = Player(url.rstrip("/") or f"http://127.0.0.1:{held.port}", token, connections, log)
    columns = (SpinnerColumn(), TextColumn("重放 Replaying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json, transient=True) as progress:
        task = progress.add_task("", total=len(due))
        asyncio.run(player.play(due, speed, tick(progress, task)))
    report = report_of(player, skipped=len(shots) - len([s for s in shots if s.key not in answered]))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _say(report)
    if player.unknown:
        sys.exit(1)


def tick(progress: Progress, task: Any) -> Callable[[], None]:
    """Move the bar by one."""
    return lambda: progress.update(task, advance=1)


def shots_of(path: Path, zone: ZoneInfo, near: str, crs: str) -> list[Shot]:
    """The rows as requests, in the order of their times; without a time of its own a row follows the one before it."""
    found: list[Shot] = []
    last = None
    for line in tables.lines(path):
        text = wording.text_of(line.values)
        key, _ = wording.key_of(line.values)
        last = times.instant(line.values.get("time", ""), zone) or last
        body: dict[str, Any] = {"text": text}
        lon, lat = _degrees(line.values.get("lon", "")), _degrees(line.values.get("lat", ""))
        if lon is not None and lat is not None:
            body |= {"lon": lon, "lat": lat, "crs": crs}
        body |= {"near": near} if near else {}
        body |= {"address": line.values["address"][:300]} if line.values.get("address") else {}
        found.append(Shot(f"{path.stem}:{key}", last.timestamp() if last else 0.0, body))
    known = [shot.at for shot in found if shot.at]
    first = min(known, default=0.0)
    return sorted((shot if shot.at else shot.moved(first) for shot in found), key=lambda shot: shot.at)


def _degrees(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -180 <= value <= 180 else None


def report_of(player: Player, skipped: int) -> dict[str, Any]:
    """What was sent, what became of it, and how long the answers took."""
    taken = sorted(player.latencies)
    return {
        "sent": player.sent,
        "accepted": player.accepted,
        "repeated": player.repeated,
        "refused": player.refused,
        "unknown": player.unknown,
        "retries": player.retries,
        "answered_before": skipped,
        "seconds": round(player.seconds, 2),
        "per_second": round(player.sent / player.seconds, 1) if player.seconds else 0,
        "p50_ms": percentile(taken, 0.5),
        "p99_ms": percentile(taken, 0.99),
        "log": str(player.log.path),
    }


def _say(report: dict[str, Any]) -> None:
    refused = "、".join(f"{code} {count}" for code, count in report["refused"].items()) or "0"
    click.echo(
        f"发送 sent {report['sent']:,}　受理 accepted {report['accepted']:,}　重复 repeated {report['repeated']:,}　"
        f"未受理 refused {refused}　不明 unknown {report['unknown']:,}\n"
        f"{report['seconds']} s　{report['per_second']}/s　p50 {report['p50_ms']} ms　p99 {report['p99_ms']} ms　"
        f"重试 retries {report['retries']:,}\n记录 log: {report['log']}"
    )
