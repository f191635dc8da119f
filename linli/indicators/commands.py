"""``linli indicators``."""

import json
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from linli.indicators.queries import RateResult


@click.command()
@click.option("--area", default="", help="地方代码，如 511102；默认全市。A place's code; everywhere by default.")
@click.option("--since", default="", help="起始日期，如 2026-11-01；默认 30 天前。First day; 30 days ago by default.")
@click.option("--until", default="", help="截止日期（含）；默认今天。Last day, included; today by default.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(area: str, since: str, until: str, as_json: bool) -> None:
    """各项指标及其排除清单。The rates, each with what it leaves out."""
    from linli.indicators import queries
    from linli.kernel import clock

    now = clock.now()
    first, last = _day(since, "--since"), _day(until, "--until")
    end = last + timedelta(days=1) if last else now
    start = first or end - timedelta(days=30)
    if start >= end:
        raise click.BadParameter(
            "起始日期须早于截止日期。The first day must come before the last.", param_hint="--since"
        )
    if area and (not area.isdecimal() or len(area) not in (4, 6, 9, 12, 15)):
        raise click.BadParameter("应为 4、6、9、12 或 15 位数字。It has 4, 6, 9, 12 or 15 digits.", param_hint="--area")
    found = queries.rates(area, start, end, now=now)
    if as_json:
        shown = {"area": area, "since": start.isoformat(), "until": end.isoformat()}
        shown["indicators"] = [one.as_dict() for one in found.values()]  # type: ignore[assignment]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    _say(list(found.values()), area)


def _day(text: str, option: str) -> datetime | None:
    """Midnight of a day in the city's zone."""
    from linli.kernel import settings

    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(settings.current().time_zone))
    except ValueError:
        raise click.BadParameter("写作 2026-11-01。Write 2026-11-01.", param_hint=option) from None


def _say(found: "list[RateResult]", area: str) -> None:
    console = Console()
    table = Table("指标 indicator", "值 value", "分子/分母", "排除 left out", title=area or None)
    for one in found:
        share = "–" if one.value is None else f"{one.value:.1%}"
        left = [
            f"{e.labels.zh} {e.labels.en}: {one.excluded[e.id]}"
            for e in one.indicator.exclusions
            if one.excluded.get(e.id)
        ]
        name = f"{one.indicator.labels.zh} {one.indicator.labels.en} · {one.indicator.version}"
        table.add_row(name, share, f"{one.numerator:,}/{one.denominator:,}", "\n".join(left))
    console.print(table)
