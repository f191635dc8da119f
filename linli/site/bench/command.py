"""``linli bench``: intake and clocks, each beside its baseline; prints ratios, asserts nothing."""

import json
from typing import Any

import click


@click.command()
@click.argument("what", type=click.Choice(["intake", "clocks", "likeness", "all"]), default="all")
@click.option("--seconds", default=6.0, show_default=True, help="每轮秒数 seconds of each round")
@click.option("--rounds", default=3, show_default=True, help="轮数，取中位数 rounds; medians are shown")
@click.option(
    "--past", default=0, show_default=True, help="另加多少历史事项后再测 measure again with so many past matters"
)
@click.option("--open", "open_clocks", default=1_000_000, show_default=True, help="运行中的时钟数 open clocks")
@click.option("--due", default=1000, show_default=True, help="每秒到期数 clocks that fall due each second")
@click.option("--sweepers", default=1, show_default=True, help="清扫进程数 sweepers")
@click.option("--matters", default=200_000, show_default=True, help="相似事项测试的条数 messages for likeness")
@click.option("--fit", is_flag=True, help="只重新拟合相似度的权重 only fit the weights of likeness again")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON print JSON")
def command(
    what: str,
    seconds: float,
    rounds: int,
    past: int,
    open_clocks: int,
    due: int,
    sweepers: int,
    matters: int,
    *,
    fit: bool,
    as_json: bool,
) -> None:
    """性能测试（请用单独的数据文件夹）。Measure intake, clocks, likeness; use a data folder of its own."""
    from linli.site.bench import clocks, intake, likeness

    found: dict[str, Any] = {}
    if fit:
        click.echo(json.dumps(likeness.quality(), ensure_ascii=False, indent=2))
        return
    if what in ("intake", "all"):
        found["intake"] = intake.measure(seconds, rounds, past)
        if not as_json:
            intake.show(found["intake"])
    if what in ("clocks", "all"):
        found["clocks"] = clocks.measure(open_clocks, due, 20, sweepers)
        if not as_json:
            clocks.show(found["clocks"])
    if what in ("likeness", "all"):
        found["likeness"] = likeness.measure(matters)
        if not as_json:
            likeness.show(found["likeness"])
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
