"""Models as files: <version>.npz (numbers) and <version>.json (labels, calibration, figures). Never pickled.

The JSON is written last and makes the model count; the newest version in a folder is in force.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from linli.understanding.model.linear import Calibration, Model

FORMAT: Final = 1
MOST_LABELS: Final = 10_000


class BadModel(ValueError):
    """A model file that can't be used; the message says which and why."""


def load(folder: Path) -> Model | None:
    """The newest model of *folder*, or None where there is none. Raises BadModel for a damaged one."""
    versions = listed(folder)
    return opened(folder, versions[-1]) if versions else None


def listed(folder: Path) -> list[str]:
    """The versions in *folder*, oldest first."""
    return sorted(path.stem for path in folder.glob("*.json") if path.with_suffix(".npz").exists())


def described(folder: Path, version: str) -> Mapping[str, Any]:
    """What the JSON of a version says. Raises BadModel."""
    path = folder / f"{version}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        raise BadModel(f"{path.name}: {wrong}") from wrong
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadModel(f"{path.name}: 格式不是 {FORMAT}。The format is not {FORMAT}.")
    return found


def opened(folder: Path, version: str) -> Model:
    """One version. Raises BadModel."""
    said = described(folder, version)
    path = folder / f"{version}.npz"
    try:
        with np.load(path, allow_pickle=False) as kept:
            hashes, rows, bias = kept["hashes"], kept["rows"], kept["bias"]
        labels = tuple(str(label) for label in said["labels"])
        made = [Calibration(float(c["scale"]), tuple(map(float, c["shift"]))) for c in said["calibrations"]]
        split = int(said["split"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as wrong:
        raise BadModel(f"{path.name}: {wrong}") from wrong
    fits = (
        0 < len(labels) <= MOST_LABELS
        and len(made) == 2
        and all(len(c.shift) == len(labels) for c in made)
        and hashes.dtype == np.uint64
        and rows.shape == (len(hashes), len(labels) + 1)
        and bias.shape == (len(labels),)
        and 0 <= split <= len(hashes)
    )
    if not fits:
        raise BadModel(f"{path.name}: 数组与说明不符。The arrays do not fit the description.")
    return Model(
        version=version,
        labels=labels,
        hashes=hashes,
        rows=np.ascontiguousarray(rows, np.float32),
        split=split,
        bias=bias.astype(np.float64),
        calibrations=(made[0], made[1]),
        figures=said.get("figures", {}),
    )


def save(model: Model, folder: Path, about: Mapping[str, object]) -> Path:
    """Write *model* and what is known *about* it (made_at, made_from …). Returns the path of the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = folder / f"{model.version}.npz"
    half = folder / f".{model.version}.{os.getpid()}.half"
    with half.open("wb") as file:
        np.savez(file, hashes=model.hashes, rows=model.rows, bias=model.bias)
    half.replace(numbers)
    said = {
        **about,
        "format": FORMAT,
        "version": model.version,
        "labels": list(model.labels),
        "split": model.split,
        "calibrations": [{"scale": c.scale, "shift": list(c.shift)} for c in model.calibrations],
        "figures": dict(model.figures),
    }
    half.write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")
    path = numbers.with_suffix(".json")
    half.replace(path)
    return path
