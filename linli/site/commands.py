"""All subcommands of ``linli``: name, where it is, what it needs, and what it does. Rooms add theirs to this table.

*needs*: ``nothing``, ``django`` (settings loaded), ``database`` (running and migrated while the command runs).
An entry whose module is not there is not listed. ``import places`` is the member ``places`` of the group ``import``.
"""

from dataclasses import dataclass, replace
from typing import Literal

import click

from linli.core.words import Words

Needs = Literal["nothing", "django", "database"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table."""

    name: str
    target: str
    needs: Needs
    words: Words

    @property
    def module(self) -> str:
        """The module of the target."""
        return self.target.partition(":")[0]

    def inside(self, name: str) -> "Entry":
        """The same entry under the name it has inside its group."""
        return replace(self, name=name)


def _entry(name: str, target: str, needs: Needs, zh: str, en: str) -> Entry:
    return Entry(name, target, needs, Words(zh, en))


COMMANDS = [
    _entry("up", "linli.site.up:command", "nothing", "启动全部服务", "start everything"),
    _entry(
        "sweep", "linli.site.sweep:command", "database", "处理到期时钟与待发消息", "handle due clocks and the outbox"
    ),
    _entry("migrate", "linli.site.commands:migrate", "django", "更新数据库结构", "bring the database up to date"),
    _entry("manage", "linli.site.commands:manage", "django", "Django 管理命令", "Django's own commands"),
    _entry("serve", "linli.site.serve:command", "nothing", "只启动网页服务", "run the web server only"),
    _entry("messages", "linli.site.messages:command", "nothing", "编译译文", "compile the translations"),
    _entry("import places", "linli.places.commands:places", "database", "导入地方", "import places"),
    _entry("import spots", "linli.places.spot_commands:command", "database", "导入地名点", "import named spots"),
    _entry("import units", "linli.parties.commands:units", "database", "导入单位", "import units"),
    _entry("import people", "linli.parties.commands:people", "database", "导入人员", "import people"),
    _entry("password", "linli.parties.commands:password", "database", "设置账号密码", "give an account a password"),
    _entry(
        "verify", "linli.matters.commands:verify", "database", "核对全部办理记录", "check that no history was changed"
    ),
    _entry("import requests", "linli.channels.files.commands:requests", "database", "导入诉求", "import requests"),
    _entry("replay", "linli.channels.files.replay:command", "nothing", "按原速度的倍数重放诉求", "replay requests"),
    _entry("token", "linli.channels.commands:token", "database", "管理接口令牌", "issue and end API tokens"),
    _entry("demo", "linli.site.demo.command:command", "database", "生成演示城市", "generate the demo city"),
    _entry("procedures lint", "linli.procedures.commands:lint_command", "nothing", "检查规程", "check declarations"),
    _entry("procedures draw", "linli.procedures.commands:draw_command", "nothing", "绘制规程", "draw a procedure"),
    _entry("procedures move", "linli.matters.moving:command", "database", "在办事项迁到新版", "move matters"),
    _entry("procedures walk", "linli.site.walk:walk", "nothing", "把规程走一遍", "play every path"),
    _entry(
        "import categories", "linli.matters.category_import:command", "database", "导入分类目录", "import categories"
    ),
    _entry("bench", "linli.site.bench.command:command", "database", "性能测试", "measure intake and clocks"),
    _entry("indicators", "linli.indicators.commands:command", "database", "各项指标", "the rates"),
    _entry(
        "understand corrections",
        "linli.matters.corrections_export:command",
        "database",
        "导出人工更正",
        "export what people decided",
    ),
    _entry("understand train", "linli.site.understand_model:train", "nothing", "训练分类模型", "train the model"),
    _entry("understand evaluate", "linli.site.understand_model:evaluate", "nothing", "衡量模型", "measure the model"),
    _entry(
        "understand hotspots",
        "linli.understanding.commands_hotspots:command",
        "nothing",
        "找出热点",
        "find hot topics",
    ),
    _entry(
        "understand places",
        "linli.site.understand_places:command",
        "nothing",
        "衡量地点识别",
        "measure how places are found",
    ),
    _entry("understand read", "linli.site.understand:command", "nothing", "理解一句话", "read one sentence"),
    _entry("settings", "linli.site.commands:settings", "nothing", "列出全部设置", "list all settings"),
]


@click.command()
def migrate() -> None:
    """更新数据库结构。Bring the database's structure up to date."""
    from linli.kernel import postgres
    from linli.site import bootstrap

    with postgres.using():
        bootstrap.migrate()


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django 管理命令，例如 linli manage makemigrations。Django's own commands."""
    from django.core.management import execute_from_command_line

    from linli.kernel import postgres

    with postgres.using():
        execute_from_command_line(["linli manage", *arguments])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def settings(as_json: bool) -> None:
    """列出全部环境变量设置、默认值与当前值。List all settings with default and present value."""
    from linli.site.show import print_settings

    print_settings(as_json)
