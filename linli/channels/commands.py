"""``linli token``: API tokens from the command line, for the first system that is connected."""

import json
import sys
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from linli.parties.roles import SCOPES


@click.group()
def token() -> None:
    """接口令牌：签发、列出、停用。API tokens: issue, list and end them."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help="权限，可写多个。What it may do; may be given several times.",
)
@click.option("--area", default="", help="辖区代码，如 5111。The area; reading and handling matters need one.")
@click.option("--unit", type=click.UUID, help="代表哪个单位办理。The unit it acts for.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def create(name: str, scopes: tuple[str, ...], area: str, unit: UUID | None, as_json: bool) -> None:
    """签发令牌，密钥只显示这一次。Issue a token; its secret is shown this once."""
    from linli.core.refusals import Refused
    from linli.kernel import clock
    from linli.parties.access import SYSTEM
    from linli.parties.token_actions import issue_token

    try:
        made, secret = issue_token(name, scopes, actor=SYSTEM, at=clock.now(), area=area, unit=unit)
    except Refused as refused:
        words = refused.refusal.words
        click.echo(f"{words.zh}\n{words.en}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({"id": str(made.pk), "secret": secret, "scopes": made.scopes, "area": made.area}))
    else:
        click.echo("请妥善保存，以后不再显示。Keep it; it is not shown again.", err=True)
        click.echo(secret)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def list_tokens(as_json: bool) -> None:
    """列出令牌（不含密钥）。List the tokens, without secrets."""
    from linli.parties.models import Token

    names = ("id", "name", "scopes", "area", "created_at", "ended_at")
    rows = list(Token.objects.order_by("created_at").values(*names))
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
        return
    table = Table("ID", "名称 name", "权限 scopes", "辖区 area", "签发 issued", "停用 ended")
    for row in rows:
        ended = f"{row['ended_at']:%Y-%m-%d %H:%M}" if row["ended_at"] else ""
        issued = f"{row['created_at']:%Y-%m-%d %H:%M}"
        table.add_row(str(row["id"]), row["name"], ", ".join(row["scopes"]), row["area"], issued, ended)
    Console().print(table)


@token.command()
@click.argument("ident", type=click.UUID)
def end(ident: UUID) -> None:
    """停用令牌，立即生效。End a token; it is refused from its next request on."""
    from linli.core.refusals import Refused
    from linli.kernel import clock
    from linli.parties.access import SYSTEM
    from linli.parties.token_actions import end_token

    try:
        ended = end_token(ident, actor=SYSTEM, at=clock.now())
    except Refused as refused:
        words = refused.refusal.words
        click.echo(f"{words.zh}\n{words.en}", err=True)
        sys.exit(1)
    click.echo("已停用。Ended." if ended else "此前已停用。It had ended before.")
