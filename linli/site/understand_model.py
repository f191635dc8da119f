"""``linli understand train`` and ``linli understand evaluate``."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from linli.understanding.model.letters import Letter, Problem
    from linli.understanding.model.linear import Model
    from linli.understanding.model.training import Comparison, Trained

FOLDER = "understanding"  # as in matters.trained, which needs Django
SHOWN = 20  # problems and changes that are listed; the rest is counted
CSV_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CITY = click.option(
    "--city",
    type=click.Path(file_okay=False, path_type=Path),
    help="某城市的数据文件夹，默认为 LINLI_DATA。A city's data folder; by default LINLI_DATA.",
)


@click.command("train")
@click.argument("file", type=CSV_FILE)
@CITY
@click.option("--corrections", type=CSV_FILE, multiple=True, help="人工更正的文件。Corrections made by people.")
@click.option("--held-out", type=CSV_FILE, help="另用这个文件比较新旧模型。Compare old and new on this file.")
@click.option("--force", is_flag=True, help="比现用模型差也保存。Keep it even if it is worse than the present one.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def train(
    file: Path, city: Path | None, corrections: tuple[Path, ...], held_out: Path | None, *, force: bool, as_json: bool
) -> None:
    """用已分类的诉求训练模型。Train a model on labelled requests (CSV: subject, detail, label).

    交叉验证后保存到数据文件夹；比现用模型差则不保存（除非 --force）。退出码：0 已保存，1 更差而未保存，2 文件有误。
    Kept in the data folder after cross-validation; refused if worse than the present one, unless --force.
    Exit codes: 0 kept, 1 refused as worse, 2 wrong file.
    """
    from linli.kernel import clock
    from linli.understanding.model import store, training
    from linli.understanding.model.letters import BadFile

    letters = _read(file)
    extra = [letter for path in corrections for letter in _read(path)]
    with _progress() as progress:
        tasks: dict[str, Any] = {}

        def say(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=of)
            progress.update(tasks[step], completed=done)

        try:
            made = training.train(letters, extra, at=clock.now(), say=say)
        except BadFile as wrong:
            raise click.UsageError(str(wrong)) from None
    folder = _folder(city)
    comparison = _compared(folder, made, letters, held_out)
    refused = comparison is not None and comparison.worse and not force
    if not refused:
        store.save(made.model, folder, made.about)
    _report(made, comparison, refused=refused, as_json=as_json, folder=folder)
    if refused:
        raise SystemExit(1)


def _compared(folder: Path, made: "Trained", letters: Sequence["Letter"], held_out: Path | None) -> "Comparison | None":
    """The new model beside the one in force; None without one (or when its file is damaged)."""
    from linli.understanding.model import store, training

    versions = store.listed(folder)
    if not versions:
        return None
    try:
        if held_out is not None:
            return training.on_file(store.opened(folder, versions[-1]), made.model, _read(held_out))
        return training.compared(store.described(folder, versions[-1]), made, letters)
    except store.BadModel as wrong:
        click.echo(f"现用模型读不出，不比较。The present model can't be read: {wrong}", err=True)
        return None


def _report(made: "Trained", comparison: "Comparison | None", *, refused: bool, as_json: bool, folder: Path) -> None:
    figures: dict[str, Any] = dict(made.model.figures)
    found: dict[str, Any] = {
        "version": made.model.version,
        "kept": not refused,
        "folder": str(folder),
        **{name: value for name, value in made.about.items() if name != "guesses"},
        "figures": figures,
        "left_out": dict(made.left_out),
        "compared": None if comparison is None else _shown(comparison),
    }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    alone = figures["subject_alone"]
    click.echo(
        f"模型 model {found['version']}（{found['letters']} 条 letters + {found['corrections']} 更正 corrections）"
    )
    click.echo(
        f"  macro-F1 {figures['macro_f1']} ± {figures['macro_f1_spread']}（{figures['folds']} 折交叉验证 folds）"
    )
    click.echo(f"  仅主题 subject alone: macro-F1 {alone['macro_f1']}   ECE {figures['ece']}")
    for label, figure in figures["per_class"].items():
        click.echo(f"    {label}: F1 {figure['f1']} ({figure['support']})")
    for label, count in made.left_out.items():
        click.echo(f"  未用 left out: {label} × {count}")
    if comparison is not None:
        _told(comparison)
    if refused:
        click.echo(
            "比现用模型差，没有保存；确要保存请加 --force。Worse than the present model: not kept (--force keeps it).",
            err=True,
        )
    else:
        click.echo(f"已保存 kept: {folder}")


def _told(comparison: "Comparison") -> None:
    click.echo(
        f"  与现用模型相比 beside the present model: {comparison.before:.4f} → {comparison.after:.4f}"
        f"（{len(comparison.changes)}/{comparison.letters} 条判断有变 letters judged differently）"
    )
    for change in comparison.changes[:SHOWN]:
        mark = "+" if change.after == change.label else "-" if change.before == change.label else "·"
        click.echo(f"    {mark} {change.line}: {change.before} → {change.after}（{change.label}）")


def _shown(comparison: "Comparison") -> dict[str, Any]:
    changes = [
        {"line": c.line, "label": c.label, "before": c.before, "after": c.after} for c in comparison.changes[:SHOWN]
    ]
    return {
        "before": round(comparison.before, 4),
        "after": round(comparison.after, 4),
        "letters": comparison.letters,
        "changed": len(comparison.changes),
        "mended": sum(c.after == c.label for c in comparison.changes),
        "spoiled": sum(c.before == c.label for c in comparison.changes),
        "changes": changes,
    }


@click.command("evaluate")
@click.argument("file", type=CSV_FILE)
@CITY
@click.option("--threshold", type=click.FloatRange(0, 1), help="低于此把握交给人。Below this a person decides.")
@click.option("--subject-alone", is_flag=True, help="只看主题。Look at the subject only.")
@click.option("--cold", is_flag=True, help="不用模型，只凭分类目录。From the catalogue alone, without a model.")
@click.option(
    "--beside",
    type=CSV_FILE,
    help="与 scikit-learn 普通流程（用此文件训练）比较速度。Time a plain scikit-learn pipeline too.",
)
def evaluate(
    file: Path, city: Path | None, threshold: float | None, beside: Path | None, *, subject_alone: bool, cold: bool
) -> None:
    """衡量模型，输出 JSON。Measure the model in force on FILE (CSV: subject, detail, label); prints JSON.

    没有 detail 列时只看主题。读不出的行列在 skipped 和标准错误中。Without a detail column the subject stands alone.
    Rows that can't be read are listed under "skipped" and on standard error.
    退出码：0 正常，2 文件有误或没有模型。Exit codes: 0 fine, 2 wrong file or no model.
    """
    from linli.understanding.model import evaluation, letters, measures

    rows, problems = _parsed(file)
    _warn(file, problems)
    model, names = _speaker(city, sorted({letter.label for letter in rows}), cold=cold)
    with _progress() as progress:
        task = progress.add_task("衡量 measuring", total=len(rows))
        found: dict[str, Any] = {"model": model.version} | evaluation.evaluate(
            model,
            rows,
            threshold=measures.THRESHOLD if threshold is None else threshold,
            subject_alone=subject_alone,
            names=names,
            say=lambda done: progress.update(task, completed=done),
        )
        found["skipped"] = [str(problem) for problem in problems]
        if beside is not None:
            progress.add_task("scikit-learn …", total=None)
            shown = [letters.Letter(one.subject, "", one.label) for one in rows] if subject_alone else rows
            found["plain_pipeline"] = evaluation.beside_plain(shown, _read(beside), found["ms_per_message"]["median"])
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _speaker(city: Path | None, labels: list[str], *, cold: bool) -> tuple[Any, dict[str, str] | None]:
    """The model, and for the cold one what the file calls its labels."""
    if not cold:
        return _model(city), None
    from linli.procedures.categories import shipped
    from linli.understanding.cold import Cold
    from linli.understanding.evidence import index_of

    catalogue = shipped()
    mapped = index_of(catalogue).mapping(tuple(labels))
    tops = {node.code: node.names.zh for node in catalogue.tree}
    if not mapped:
        raise click.UsageError("文件中的标签在分类目录中都没有。The catalogue knows none of the file's labels.")
    return Cold(catalogue), {tops[top]: label for label, (top, _) in mapped.items()}


def _model(city: Path | None) -> "Model":
    from linli.understanding.model import store

    folder = _folder(city)
    try:
        found = store.load(folder)
    except store.BadModel as wrong:
        raise click.UsageError(f"模型文件损坏。The model is damaged: {wrong}") from None
    if found is None:
        raise click.UsageError(
            f"{folder} 中没有模型；先运行 linli understand train，或加 --cold。"
            "There is no model: run linli understand train first, or use --cold."
        )
    return found


def _folder(city: Path | None) -> Path:
    from linli.kernel import settings

    return (city or settings.current().data) / FOLDER


def _parsed(path: Path) -> "tuple[list[Letter], list[Problem]]":
    from linli.understanding.model import letters

    try:
        found, problems = letters.read(path)
    except (letters.BadFile, OSError) as wrong:
        raise click.UsageError(str(wrong)) from None
    if not found:
        _warn(path, problems)
        raise click.UsageError(f"{path.name}：没有一行可用。No row can be used.")
    return found, problems


def _read(path: Path) -> "list[Letter]":
    found, problems = _parsed(path)
    _warn(path, problems)
    return found


def _warn(path: Path, problems: "Sequence[Problem]") -> None:
    for problem in problems[:SHOWN]:
        click.echo(f"{path.name} {problem}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"{path.name} … +{len(problems) - SHOWN}", err=True)


@contextmanager
def _progress() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress
