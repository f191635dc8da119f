"""``linli demo``: generates the fictional city."""

import json
from datetime import datetime
from typing import Any

import click

from linli.core.words import Words
from linli.site.bootstrap import NotReady
from linli.site.demo.sizes import SIZES


@click.command()
@click.option(
    "--size", type=click.Choice(sorted(SIZES)), default="demo", show_default=True, help="城市规模。How large."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="随机种子：同一种子得到同一座城市。Same seed, same city."
)
@click.option("--add", is_flag=True, help="数据库中已有其他城市的事项时仍然加入。Add it beside another city's matters.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(size: str, seed: int, add: bool, as_json: bool) -> None:
    """生成虚构的演示城市：地方、人员、一段时间的事项。Generate the fictional demo city with people and history."""
    from linli.kernel import clock
    from linli.site.demo import generate

    at = clock.now()
    refuse(add=add)
    before = clock.monotonic()
    made = generate.city(SIZES[size], seed, at=at, quiet=as_json)
    report(made | {"seconds": round(clock.monotonic() - before, 1)}, as_json=as_json)


def refuse(*, add: bool) -> None:
    """Raise NotReady when the demo city is there already, or when another city's matters are and *add* is not said."""
    from linli.matters.models import Matter
    from linli.places.models import Place
    from linli.site.demo import words

    area = words.city()["area"]
    if Place.objects.filter(area=area).exists():
        raise NotReady(
            Words(
                f"演示城市（{area}00）已在这个数据库中，不能重复生成。要重新生成，请换一个空的数据文件夹，"
                f"例如 make run DATA=新文件夹。",
                f"The demo city ({area}00) is in this database already. For a new one use an empty data folder, "
                f"such as make run DATA=new-folder.",
            )
        )
    if not add and Matter.objects.exists():
        raise NotReady(
            Words(
                "这个数据库中已有其他城市的事项，演示数据会混在其中。确需加入请用 linli demo --add。",
                "This database holds matters of another city; the demo would mix with them. "
                "To add it all the same: linli demo --add.",
            )
        )


def report(made: dict[str, Any], *, as_json: bool) -> None:
    """Say what was made."""
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, default=_plain))
        return
    width = max(len(key) for key in made)
    for key, value in made.items():
        click.echo(f"  {key:<{width}}  {value}")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
