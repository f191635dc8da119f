"""Imports of places from uploaded files: a trial run in a thread of its own, findings, then the real run.

A job is a folder under DATA/imports: the files, ``state.json`` (rewritten as it goes on; any process may read it) and
``errors.csv``. Folders older than a week are removed when a new job begins.
"""

import json
import logging
import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import close_old_connections, transaction
from django.utils.translation import gettext as _

from linli.core.ids import uuid7
from linli.kernel import clock, settings
from linli.places import actions, queries
from linli.places.findings import error_file
from linli.places.plan import Options, Plan
from linli.places.planning import build
from linli.places.reading import read

log = logging.getLogger("linli.imports")
ENDINGS: Final = (".csv", ".xlsx", ".xls", ".json", ".geojson")
LARGEST: Final = 100 << 20  # bytes of all files together
MOST: Final = 40
SHOWN: Final = 300
KEEP: Final = timedelta(days=7)
STALE: Final = timedelta(minutes=30)  # a run that has not said anything for so long died with its process
_IDENT: Final = re.compile(r"[0-9a-f-]{36}")


def _room() -> Path:
    return settings.current().data.resolve() / "imports"


def problem(files: "Sequence[UploadedFile[Any]]") -> str:
    """Why these files are not taken; "" when they are."""
    if not files:
        return _("请选择文件。")
    if len(files) > MOST:
        return _("一次最多 %(most)s 个文件。") % {"most": MOST}
    bad = next((f.name for f in files if not str(f.name).lower().endswith(ENDINGS)), None)
    if bad:
        return _("“%(name)s”不是可导入的文件；可用：%(endings)s。") % {"name": bad, "endings": "、".join(ENDINGS)}
    if sum(f.size or 0 for f in files) > LARGEST:
        return _("文件合计超过 100 MB，请用命令 linli import places 导入。")
    return ""


def begin(files: "Sequence[UploadedFile[Any]]", typed: Mapping[str, str], actor: str) -> str:
    """Keep the files and start the trial run; the job's identifier."""
    _sweep()
    ident = str(uuid7())
    folder = _room() / ident
    (folder / "files").mkdir(parents=True)
    for n, file in enumerate(files):
        name = re.sub(r"[^\w.()（）-]", "_", Path(str(file.name)).name)[-80:]
        with (folder / "files" / (name if len(files) == 1 else f"{n:02d}-{name}")).open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    grids = typed.get("grids", "")
    options = {
        "crs": typed.get("crs", "") if typed.get("crs") in ("gcj02", "bd09", "wgs84", "cgcs2000") else "",
        "city_code": typed.get("city_code", "").strip()[:12],
        "city_name": typed.get("city_name", "").strip()[:60],
        "generate": typed.get("generate") == "true",
        "grids": int(grids) if grids.isascii() and grids.isdigit() and int(grids[:7]) > 0 else None,
        "close": typed.get("close") == "true",
    }
    _write(ident, {"stage": "checking", "options": options, "actor": actor, "names": [str(f.name) for f in files]})
    _start(ident, dry=True)
    return ident


def confirm(ident: str, actor: str) -> bool:
    """Start the real run of a job whose trial run found no error. False when it may not be."""
    held = state(ident)
    if held is None or held["stage"] != "checked":
        return False
    claim = _room() / ident / "confirmed"
    try:
        claim.touch(exist_ok=False)  # two presses, one run
    except FileExistsError:
        return False
    _write(ident, held | {"stage": "writing", "actor": actor})
    _start(ident, dry=False)
    return True


def state(ident: str) -> dict[str, Any] | None:
    """How a job stands; None for an unknown one."""
    path = _room() / ident / "state.json"
    if not _IDENT.fullmatch(ident) or not path.is_file():
        return None
    held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    held |= {"id": ident, "has_errors": (_room() / ident / "errors.csv").is_file()}
    if held["stage"] in ("checking", "writing") and clock.now() - datetime.fromisoformat(held["at"]) > STALE:
        held["stage"] = "lost"
    return held


def errors_of(ident: str) -> Path | None:
    """The error file of a job."""
    path = _room() / ident / "errors.csv"
    return path if _IDENT.fullmatch(ident) and path.is_file() else None


def recent() -> list[dict[str, Any]]:
    """The last jobs, newest first."""
    room = _room()
    names = sorted((f.name for f in room.iterdir() if f.is_dir()), reverse=True) if room.is_dir() else []
    return [found for name in names[:5] if (found := state(name)) is not None]


def _write(ident: str, values: Mapping[str, Any]) -> None:
    path = _room() / ident / "state.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**values, "at": clock.now().isoformat()}, ensure_ascii=False), "utf-8")
    part.replace(path)


def _start(ident: str, *, dry: bool) -> None:
    threading.Thread(target=_run, args=(ident,), kwargs={"dry": dry}, name=f"import-{ident[:8]}", daemon=True).start()


def _run(ident: str, *, dry: bool) -> None:
    held = state(ident) or {}
    try:
        _write(ident, held | run(ident, held, dry=dry))
    except Exception as error:
        log.exception("import %s failed", ident)
        _write(ident, held | {"stage": "failed", "why": str(error)[:500]})
    finally:
        close_old_connections()


def run(ident: str, held: Mapping[str, Any], *, dry: bool) -> dict[str, Any]:
    """Read, plan, and carry out (with *dry*: and undo). What the page shows of it."""
    told = held["options"]
    material = read([_room() / ident / "files"], told["crs"] or None)
    standing: dict[str, Any] = {}
    for city in {r.area[:4] for r in material.records} | {d.area[:4] for d in material.drawn}:
        standing |= queries.standing(city)
    options = Options(told["city_code"], told["city_name"], told["generate"], told["grids"], close=told["close"])
    said = [0]

    def progress(done: int) -> None:
        if done - said[0] >= 250:
            said[0] = done
            _write(ident, {**held, "done": done})

    plan = build(material, standing, options, progress)
    found = _findings(ident, plan)
    if plan.errors:
        return found | {"stage": "refused"}
    with transaction.atomic():
        outcome = actions.import_places(plan, actor=str(held["actor"]), at=clock.now())
        transaction.set_rollback(dry)
    return found | {"stage": "checked" if dry else "done", "outcome": outcome.as_dict()}


def _findings(ident: str, plan: Plan) -> dict[str, Any]:
    listed = [f for f in plan.findings if f.severity != "note"]
    path = _room() / ident / "errors.csv"
    if listed:  # Excel reads UTF-8 only with the mark
        path.write_text(error_file(listed, plan.originals), encoding="utf-8-sig", newline="")
    return {
        "counts": plan.counts(),
        "generated": plan.generated,
        "errors": len(plan.errors),
        "total": len(plan.findings),
        "findings": [f.as_dict() for f in plan.findings[:SHOWN]],
    }


def _sweep() -> None:
    room = _room()
    limit = (clock.now() - KEEP).timestamp()
    for folder in room.iterdir() if room.is_dir() else ():
        if folder.is_dir() and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)
