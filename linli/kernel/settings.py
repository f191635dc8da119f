"""Typed settings from ``LINLI_…`` environment variables: one frozen dataclass that is its own documentation."""

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from linli.core.words import Words

PREFIX = "LINLI_"


class SettingsError(Exception):
    """One or more variables hold a value that cannot be used; ``problems`` says each in both languages."""

    def __init__(self, problems: list[Words]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{words.zh}\n{words.en}" for words in problems))


class _BadValue(ValueError):
    """What a value should be; becomes part of a SettingsError."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a variable's text becomes a value, and what its type is called."""

    name: Words
    parse: Callable[[str], Any]


def _integer(low: int, high: int) -> Kind:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise _BadValue(f"应为 {low} 到 {high} 的整数", f"it should be a whole number from {low} to {high}")
        return value

    return Kind(Words(f"整数 {low}–{high}", f"integer {low}–{high}"), parse)


def _choice(*options: str) -> Kind:
    def parse(text: str) -> str:
        value = text.strip().lower()
        if value not in options:
            raise _BadValue(f"应为 {'、'.join(options)} 之一", f"it should be one of {', '.join(options)}")
        return value

    return Kind(Words(" | ".join(options), " | ".join(options)), parse)


def _parse_switch(text: str) -> bool:
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise _BadValue("应为 1 或 0", "it should be 1 or 0")


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _parse_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise _BadValue("应为时区名称，例如 Asia/Shanghai", "it should be a time zone such as Asia/Shanghai") from None
    return text


def _parse_database(text: str) -> str:
    if text and urlsplit(text).scheme not in {"postgresql", "postgres"}:
        raise _BadValue(
            "应以 postgresql:// 开头，例如 postgresql://linli:口令@数据库主机/linli",
            "it should start with postgresql://, such as postgresql://linli:password@dbhost/linli",
        )
    return text


def _parse_secret(text: str) -> str:
    if text and len(text) < 32:
        raise _BadValue("至少 32 个字符", "it should have at least 32 characters")
    return text


def _parse_outside(text: str) -> str:
    parts = urlsplit(text)
    try:
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if text and (not good or parts.username or parts.password or parts.query or parts.fragment):
        raise _BadValue(
            "应为 http:// 或 https:// 开头的地址，不带账号和参数，例如 http://10.0.0.8:8000/v1",
            "it should be an address with http:// or https://, no account and no parameters, such as"
            " http://10.0.0.8:8000/v1",
        )
    return text.rstrip("/")


def _parse_text(text: str) -> str:
    return text


SWITCH = Kind(Words("开关", "switch"), _parse_switch)
LIST = Kind(Words("逗号分隔的列表", "comma-separated list"), _parse_list)
TEXT = Kind(Words("文字", "text"), _parse_text)
FOLDER = Kind(Words("文件夹", "folder"), lambda text: Path(text).expanduser())
ZONE = Kind(Words("时区", "time zone"), _parse_zone)
DATABASE = Kind(Words("数据库地址", "database address"), _parse_database)
SECRET = Kind(Words("密钥", "secret"), _parse_secret)
PASS = Kind(Words("密钥", "secret"), _parse_text)
OUTSIDE = Kind(Words("网址", "web address"), _parse_outside)


def _setting(default: Any, kind: Kind, zh: str, en: str) -> Any:
    return field(default=default, metadata={"kind": kind, "words": Words(zh, en)})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. A field ``port`` is read from ``LINLI_PORT``."""

    data: Path = _setting(
        Path("data"), FOLDER, "数据文件夹：内置数据库、附件、密钥", "data folder: embedded database, files, secret"
    )
    database_url: str = _setting(
        "", DATABASE, "PostgreSQL（≥15）地址；留空则用内置数据库", "PostgreSQL (≥15) address; empty: the embedded one"
    )
    host: str = _setting("127.0.0.1", TEXT, "监听地址", "address to listen on")
    port: int = _setting(8000, _integer(1, 65535), "监听端口", "port to listen on")
    city: str = _setting(
        "demo",
        _choice("demo", "city", "empty"),
        "空数据库首次启动时生成的城市",
        "the city that is generated when the database is empty at the first start",
    )
    secret_key: str = _setting(
        "", SECRET, "签名密钥；留空则生成在数据文件夹的 secret 中", "signing secret; empty: generated in DATA/secret"
    )
    debug: bool = _setting(False, SWITCH, "开发用的出错页，正式运行不可开启", "error pages for development, never live")
    allowed_hosts: tuple[str, ...] = _setting(
        ("localhost", "127.0.0.1", "[::1]"), LIST, "允许访问的主机名", "host names that are answered"
    )
    trusted_origins: tuple[str, ...] = _setting(
        (), LIST, "反向代理前的公开地址（含 https://）", "public origins in front of a proxy (with https://)"
    )
    secure: bool = _setting(
        False, SWITCH, "全站 HTTPS：Cookie 只经 HTTPS 发送，并启用 HSTS", "HTTPS only: secure cookies and HSTS"
    )
    time_zone: str = _setting("Asia/Shanghai", ZONE, "城市时区", "the city's time zone")
    web_threads: int = _setting(16, _integer(1, 256), "页面线程数", "threads that serve pages")
    pool: int = _setting(20, _integer(1, 500), "每个进程的数据库连接上限", "database connections per process at most")
    sweepers: int = _setting(1, _integer(0, 64), "时钟清扫进程数", "number of clock sweepers")
    anonymous_per_minute: int = _setting(
        30,
        _integer(1, 1_000_000),
        "未带令牌的接口提交，每个地址每分钟上限",
        "intakes a minute from one address without a token",
    )
    page_per_minute: int = _setting(
        20,
        _integer(1, 1_000_000),
        "居民在页面上提交，每个地址每分钟上限",
        "intakes a minute from one address on the residents' page",
    )
    idle_minutes: int = _setting(
        30, _integer(1, 720), "无操作退出登录（分钟）", "minutes of idleness that end a session"
    )
    session_hours: int = _setting(12, _integer(1, 24), "登录最长时间（小时）", "hours after which a session ends")
    log_level: str = _setting(
        "info", _choice("debug", "info", "warning", "error"), "日志级别", "least level that is logged"
    )
    advice_url: str = _setting(
        "",
        OUTSIDE,
        "外部模型地址（OpenAI 兼容接口，如 http://10.0.0.8:8000/v1）；留空则不用。只发送隐去个人信息的文字",
        "an outside model's address (OpenAI-compatible, such as http://10.0.0.8:8000/v1); empty: none is asked. Only"
        " masked words are sent",
    )
    advice_kind: str = _setting(
        "chat",
        _choice("chat", "embedding"),
        "外部模型的种类：对话模型或向量模型",
        "the outside model's kind: a chat model or an embedding model",
    )
    advice_model: str = _setting("", TEXT, "外部模型名称", "the outside model's name")
    advice_key: str = _setting("", PASS, "外部模型的接口密钥", "the outside model's key")
    log_format: str = _setting("text", _choice("text", "json"), "日志格式", "format of log lines")

    @property
    def embedded(self) -> bool:
        """Whether the embedded PostgreSQL is used."""
        return not self.database_url


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of settings."""

    variable: str
    kind: Words
    default: str
    meaning: Words
    value: str


def _shown(name: str, value: Any) -> str:
    if name.endswith("_key") and value:
        return "…"
    if name == "database_url" and value:
        parts = urlsplit(value)
        return str(value).replace(f":{parts.password}@", ":…@") if parts.password else str(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def table(settings: Settings | None = None) -> list[Row]:
    """The documented table of all settings, with the values of *settings* (secrets hidden)."""
    held = settings or Settings()
    return [
        Row(
            PREFIX + item.name.upper(),
            item.metadata["kind"].name,
            _shown(item.name, item.default),
            item.metadata["words"],
            _shown(item.name, getattr(held, item.name)),
        )
        for item in fields(Settings)
    ]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from *environ* (the process's own by default).

    Raises SettingsError that names every bad variable, what is wrong and what it should be.
    """
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    problems: list[Words] = []
    for item in fields(Settings):
        variable = PREFIX + item.name.upper()
        text = source.get(variable)
        if text is None or (text == "" and item.default is not MISSING):
            continue
        try:
            values[item.name] = item.metadata["kind"].parse(text)
        except _BadValue as bad:
            held = "…" if item.name.endswith("_key") else repr(text)
            problems.append(
                Words(
                    f"环境变量 {variable} 的值 {held} 不能用：{bad.words.zh}。",
                    f"The environment variable {variable} is {held}: {bad.words.en}.",
                )
            )
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read once."""
    return load()
