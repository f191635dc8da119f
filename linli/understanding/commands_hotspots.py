"""``linli understand hotspots``."""

import json
import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

if TYPE_CHECKING:
    from linli.understanding.hotspots import Stream, Topic
    from linli.understanding.hotspots_files import RowError

CHUNK = 500


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="最多列出几个。How many topics."
)
@click.option("--at", "as_of", default="", help="统计到何时，默认最后一条。As of; by default the last message.")
@click.option(
    "--zone", default="Asia/Shanghai", show_default=True, help="文件中时间的时区。The zone of the file's times."
)
@click.option("--table", is_flag=True, help="输出表格而不是 JSON。Print a table instead of JSON.")
def command(file: Path, most: int, as_of: str, zone: str, table: bool) -> None:
    """从诉求文件中找出热点。Find the hot topics in FILE (CSV: id, subject, time, detail; also user, support, against).

    列名可用中文：留言编号、留言用户、留言主题、留言时间、留言详情、反对数、点赞数。
    退出码：0 正常，1 没有一行可读，2 缺列或参数有误。
    Exit codes: 0 fine, 1 no row could be read, 2 wrong columns or options.
    """
    from linli.understanding import hotspots_files

    zoned = _zone(zone)
    at = hotspots_files.instant(as_of, zoned) if as_of else None
    if as_of and at is None:
        raise click.BadParameter("写作 2026-11-01 08:30。Write 2026-11-01 08:30.", param_hint="--at")
    try:
        messages, errors = hotspots_files.read(file, zoned)
    except hotspots_files.MissingColumns as wrong:
        raise click.UsageError(str(wrong)) from None
    from linli.understanding.hotspots import Stream

    began = time.perf_counter()
    stream = Stream()
    stream.add_all(messages)
    at = at or max((message.at for message in messages), default=datetime.min.replace(tzinfo=UTC))
    topics = stream.topics(at, most) if messages else []
    seconds = time.perf_counter() - began
    if table:
        _table(topics, errors)
    else:
        click.echo(json.dumps(_shown(stream, topics, errors, at, seconds), ensure_ascii=False, indent=2))
    if not messages and errors:
        raise SystemExit(1)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"没有时区 {name}。No such zone.", param_hint="--zone") from None


def _shown(
    stream: "Stream", topics: "list[Topic]", errors: "list[RowError]", at: datetime, seconds: float
) -> dict[str, object]:
    from linli.understanding.hotspots import VERSION

    return {
        "version": VERSION,
        "at": at.isoformat() if len(stream) else None,
        "messages": len(stream),
        "seconds": round(seconds, 3),
        "topics": [{"rank": rank, **topic.to_json()} for rank, topic in enumerate(topics, 1)],
        "errors": [error.to_json() for error in errors],
    }


def _table(topics: "list[Topic]", errors: "list[RowError]") -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table("", "热度 heat", "人数 people", "件数", "起止 period", "热点 topic")
    for rank, topic in enumerate(topics, 1):
        period = f"{topic.since:%Y-%m-%d} – {topic.until:%Y-%m-%d}"
        mark = " ▲" if topic.rising else ""
        shown.add_row(str(rank), f"{topic.heat:.1f}{mark}", str(topic.people), str(len(topic.ids)), period, topic.name)
    console = Console()
    console.print(shown)
    if errors:
        console.print(f"{len(errors)} 行未读取 rows left out，如 e.g. {errors[0].row}: {errors[0].words.zh}")
