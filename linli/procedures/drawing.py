"""A procedure as a picture (plain SVG, both languages) and as text: who does what, and by when."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from linli.core.procedure import ClockRule, Procedure, Step
from linli.core.role_words import said
from linli.core.words import Words

BOX: Final = (168, 58)  # width and height of a stage, in user units
GAP: Final = (270, 80)
EDGE: Final = 40
LINE: Final = 14
FILL: Final = {"open": "#eef4ff", "waiting": "#fff7e0", "done": "#eaf6ec"}
STYLE: Final = (
    'text{font-family:"Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;fill:#1c2430}'
    ".zh{font-size:14px;font-weight:600}.en{font-size:11px;fill:#4a5565}.step{font-size:11px;paint-order:stroke;stroke:#fff;"
    "stroke-width:4px}.way{fill:none;stroke:#6b7a90;stroke-width:1.3}"
)
TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#6b7a90"/></marker></defs>'
)


def svg(procedure: Procedure) -> str:
    """The stages from left to right in the order they are first reached, and the steps between them."""
    places = _places(procedure)
    width = max(x for x, _ in places.values()) + BOX[0] + EDGE + EDGE
    ways = _ways(procedure)
    lanes = sum(not _next_to(places[a], places[b]) for a, b in ways)
    bottom = max(y for _, y in places.values()) + BOX[1] + EDGE
    height = bottom + 26 * lanes + EDGE
    title = escape(f"{procedure.labels.zh} {procedure.labels.en}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{title}</title><style>{STYLE}</style>{TIP}",
        f'<text class="zh" x="{EDGE}" y="26">{title} · {procedure.version}</text>',
        *_drawn_ways(ways, places, bottom),
        *(_drawn_stage(procedure, ident, *place) for ident, place in places.items()),
        "</svg>",
    ]
    return "\n".join(parts)


def _places(procedure: Procedure) -> dict[str, tuple[int, int]]:
    """Where each stage stands: its column is how many steps lie before it; stages that are done stand at the end."""
    rank = {procedure.unsure: 0, procedure.first: 0 if procedure.first == procedure.unsure else 1}
    waiting = list(rank)
    while waiting:
        stage = waiting.pop(0)
        for step in procedure.steps_from(stage):
            if step.to and step.to not in rank:
                rank[step.to] = rank[stage] + 1
                waiting.append(step.to)
    going = sorted((i for i, s in procedure.stages.items() if s.kind != "done"), key=lambda i: rank.get(i, len(rank)))
    done = [i for i, s in procedure.stages.items() if s.kind == "done"]
    places = {ident: (EDGE + n * GAP[0], 60) for n, ident in enumerate(going)}
    right = EDGE + len(going) * GAP[0] + GAP[0] // 4
    places |= {ident: (right, 60 + row * GAP[1]) for row, ident in enumerate(done)}
    return places


def _ways(procedure: Procedure) -> dict[tuple[str, str], list[Step]]:
    ways: dict[tuple[str, str], list[Step]] = {}
    for step in procedure.steps.values():
        for stage in step.from_:
            if step.to and step.to != stage:
                ways.setdefault((stage, step.to), []).append(step)
    return ways


def _drawn_ways(
    ways: dict[tuple[str, str], list[Step]], places: dict[str, tuple[int, int]], bottom: int
) -> Iterator[str]:
    """A way to the next stage is straight; every other runs in a lane of its own below the stages."""
    lane = 0
    written: list[tuple[int, int, int]] = []
    last = max(x for x, _ in places.values())
    for n, ((start, end), steps) in enumerate(ways.items()):
        (x1, y1), (x2, y2) = places[start], places[end]
        label = escape("、".join(s.labels.zh for s in steps))
        title = escape("; ".join(f"{s.labels.zh} {s.labels.en}" for s in steps))
        if _next_to((x1, y1), (x2, y2)):
            path, x, y = f"M{x1 + BOX[0]} {y1 + 30}H{x2 - 1}", (x1 + BOX[0] + x2) // 2, y1 + 24
        else:
            level = bottom + 26 * lane
            lane += 1
            out = x1 + BOX[0] + 8 + n % 8 * 4 if x1 == last else x1 + 12 + n * 13 % 144
            leave = f"M{x1 + BOX[0]} {y1 + 29}H{out}" if x1 == last else f"M{out} {y1 + BOX[1]}"
            into = x2 - 58 + n % 12 * 4 if x2 == last else x2 + 15 + n * 17 % 140
            enter = f"V{y2 + 12 + n * 7 % 36}H{x2 - 1}" if x2 == last else f"V{y2 + BOX[1] + 1}"
            path, x, y = f"{leave}V{level}H{into}{enter}", (out + into) // 2, level - 4
        y = _free(written, x, y, 6 * len(label) + 4)
        yield (
            f'<g><title>{title}</title><path class="way" d="{path}" marker-end="url(#tip)"/>'
            f'<text class="step" x="{x}" y="{y}" text-anchor="middle">{label}</text></g>'
        )


def _next_to(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether *other* stands right of *one* with nothing between them."""
    return one[1] == other[1] and 0 < other[0] - one[0] < GAP[0] * 3 // 2


def _free(written: list[tuple[int, int, int]], x: int, y: int, half: int) -> int:
    """The first height from *y* down at which a label of that half width covers no other."""
    while any(abs(x - other) < half + width and abs(y - at) < LINE for other, at, width in written):
        y += LINE
    written.append((x, y, half))
    return y


def _drawn_stage(procedure: Procedure, ident: str, x: int, y: int) -> str:
    stage = procedure.stages[ident]
    line = "#1e5eff" if ident in (procedure.first, procedure.unsure) else "#8a97a8"
    middle = x + BOX[0] // 2
    size = f'width="{BOX[0]}" height="{BOX[1]}" rx="8"'
    return (
        f'<g><rect x="{x}" y="{y}" {size} fill="{FILL[stage.kind]}" stroke="{line}"/>'
        f'<text class="zh" x="{middle}" y="{y + 25}" text-anchor="middle">{escape(stage.labels.zh)}</text>'
        f'<text class="en" x="{middle}" y="{y + 43}" text-anchor="middle">{escape(stage.labels.en)}</text></g>'
    )


def told(procedure: Procedure) -> str:
    """Who does what by when, stage after stage, in both languages."""
    lines = [f"{procedure.labels.zh} {procedure.labels.en} · {procedure.version}", procedure.source, ""]
    for stage in procedure.stages.values():
        lines.append(f"■ {stage.labels.zh} {stage.labels.en}")
        lines.extend(f"  ⏱ {_span(clock)}" for clock in procedure.starting(stage.id))
        for step in procedure.steps_from(stage.id):
            to = procedure.stages[step.to].labels if step.to and step.to != stage.id else Words("", "")
            lines.append(f"  · {step.labels.zh}（{_names(step.by, 'zh')}）{f' → {to.zh}' if to.zh else ''}")
            lines.append(f"    {step.labels.en} ({_names(step.by, 'en')}){f' → {to.en}' if to.en else ''}")
        lines.append("")
    return "\n".join(lines)


def _names(roles: Sequence[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(said(role).said(language) for role in roles)


def _span(clock: ClockRule) -> str:
    within = clock.within or None
    zh = within.said("zh") if within else "按分类时限"
    en = within.said("en") if within else "the category's own term"
    if clock.urgent:
        zh, en = f"{zh}（险情{clock.urgent.said('zh')}）", f"{en} (danger: {clock.urgent.said('en')})"
    return f"{clock.labels.zh}：{zh} {clock.labels.en}: {en} ({clock.source})"
