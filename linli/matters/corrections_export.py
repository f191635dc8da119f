"""``linli understand corrections``: what people decided, as rows that ``linli understand train --corrections`` reads.

Each matter gives one row, the last word of a person about its category. The words are masked, erased matters give none.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from linli.matters.reference import Reference

COLUMNS: Final = (
    *("subject", "detail", "label", "code", "said", "said_label", "confidence", "agreed", "version"),
    *("source", "post", "area", "at"),
)
SUBJECT: Final = 60  # characters: a longer text has its first sentence as subject, all of it as detail
_RISKY: Final = "=+-@\t\r＝＋－＠ "  # what a spreadsheet takes for a formula; says nothing to a model
_ENDS: Final = "。！？!?；;\n"


@click.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写到哪个文件。The file to write."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="只导出此日以后的。Only from this day on.")
@click.option("--area", default="", help="只导出这个地方（代码）的。Only of this place (its area code).")
@click.option("--overruled", is_flag=True, help="只导出人工改掉的。Only where a person overruled the machine.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(out: Path, since: datetime | None, area: str, *, overruled: bool, as_json: bool) -> None:
    """导出人工更正（个人信息已隐去），供训练使用。Export what people decided, personal data masked, for training."""
    from django.utils import timezone

    from linli.matters import reference

    start = timezone.make_aware(since) if since else None
    ref = reference.current(fresh=True)
    count = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows(ref, since=start, area=area.strip(), overruled=overruled):
            writer.writerow(row)
            count += 1
    if as_json:
        click.echo(json.dumps({"rows": count, "file": str(out)}, ensure_ascii=False))
    else:
        click.echo(f"已导出 {count} 行 rows：{out}")


def rows(
    ref: "Reference", *, since: datetime | None = None, area: str = "", overruled: bool = False
) -> Iterator[Mapping[str, object]]:
    """Training rows, oldest first. One query."""
    from linli.matters.learning_models import Correction

    found = Correction.objects.filter(field="category", erased_at__isnull=True).exclude(chosen="").exclude(text="")
    if since is not None:
        found = found.filter(at__gte=since)
    if area:
        found = found.filter(area__gte=area, area__lt=area + "~")
    labels = labels_of(ref)
    last = found.order_by("matter", "-seq").distinct("matter")
    for row in sorted(last, key=lambda r: (r.at, r.id)):
        label = labels.get(row.chosen.split(".", 1)[0])
        if label is None or (overruled and row.agreed):
            continue
        subject, detail = letter(row.text)
        yield {
            "subject": subject,
            "detail": detail,
            "label": label,
            "code": row.chosen,
            "said": row.said,
            "said_label": labels.get(row.said.split(".", 1)[0], ""),
            "confidence": "" if row.confidence is None else round(row.confidence, 4),
            "agreed": int(row.agreed),
            "version": row.version,
            "source": row.source,
            "post": row.post_id or row.actor,
            "area": row.area,
            "at": row.at.isoformat(),
        }


def labels_of(ref: "Reference") -> dict[str, str]:
    """The training file's label of each level-1 code: the name that the model in force uses, else the catalogue's."""
    from linli.understanding.evidence import index_of

    found = {node.code: node.names.zh for node in ref.catalogue.tree}
    if ref.model is not None:
        mapped = index_of(ref.catalogue).mapping(tuple(ref.model.labels))
        found |= {top: label for label, (top, leaf) in mapped.items() if not leaf}
    return found


def letter(text: str) -> tuple[str, str]:
    """Subject and detail as in a training file."""
    text = text.strip().lstrip(_RISKY)
    if len(text) <= SUBJECT:
        return text, ""
    end = next((n + 1 for n, c in enumerate(text[: SUBJECT * 2]) if c in _ENDS and n >= 4), SUBJECT)
    return text[:end].strip(), text
