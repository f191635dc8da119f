"""``linli bench likeness``: the look-up of likely duplicates beside a plain comparison with every message, and how well
it decides on labelled pairs."""

import gc
import resource
import statistics
import time
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import numpy as np
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from linli.procedures.categories import shipped
from linli.understanding import likeness_fit as fitting
from linli.understanding.likeness import Index, Item
from linli.understanding.likeness_pairs import generated, stream, written
from linli.understanding.likeness_score import CERTAIN, FEATURES, THRESHOLD, WEIGHTS, logistic
from linli.understanding.reader import read

QUESTIONS: Final = 400
BRUTE: Final = 12  # questions compared with every message: each takes a good part of a second
FLOOD: Final = 10_000
FOLDS: Final = 5
HAND: Final = 16  # how often each hand-written pair counts in the fit, beside the generated ones


def measure(matters: int) -> dict[str, Any]:
    """Speed and memory with *matters* messages, then quality."""
    gc.collect()
    before = _resident()
    items = list(stream(matters, 11))
    own = _resident() - before
    started, index = time.perf_counter(), Index()
    for item in items:
        index.add(item)
    took = time.perf_counter() - started
    asked = list(stream(QUESTIONS, 12))
    found: dict[str, Any] = {
        "matters": matters,
        "add_us": round(took / max(1, matters) * 1e6, 1),
        "arrays_mb": round(index.size() / 1e6, 1),
        "memory_mb": round((_resident() - before - own) / 1e6, 1),
        "find_ms": _timed(index, asked),
        "brute_force": _brute(index, items, asked[:BRUTE]),
        "planted": _planted(index, 300),
    }
    found["flood"] = _flood(index, asked)
    return found | {"pairs": quality()["pairs"]}


def _resident() -> int:
    """The most memory this process has held, in bytes (Linux counts in kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _timed(index: Index, asked: Sequence[Item]) -> dict[str, float]:
    for item in asked[:20]:
        index.find(item)
    took, worked = [], []  # wall time, and the thread's own: on a busy machine they differ
    for item in asked:
        started, begun = time.perf_counter(), time.thread_time()
        index.find(item)
        worked.append((time.thread_time() - begun) * 1000)
        took.append((time.perf_counter() - started) * 1000)
    cpu50, cpu99 = np.percentile(worked, [50, 99])
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    return {
        "p50": round(float(p50), 2),
        "p95": round(float(p95), 2),
        "p99": round(float(p99), 2),
        "max": round(max(took), 2),
        "cpu_p50": round(float(cpu50), 2),
        "cpu_p99": round(float(cpu99), 2),
    }


def _brute(index: Index, items: Sequence[Item], asked: Sequence[Item]) -> dict[str, float]:
    """rapidfuzz over every text, in the same run: what a plain look-up costs."""
    texts = [item.text for item in items]
    plain, mine = [], []
    for item in asked:
        started = time.perf_counter()
        process.extract(item.text, texts, scorer=fuzz.ratio, limit=8)
        plain.append(time.perf_counter() - started)
        started = time.perf_counter()
        index.find(item)
        mine.append(time.perf_counter() - started)
    ratio = statistics.median(plain) / statistics.median(mine)
    return {"rapidfuzz_ms": round(statistics.median(plain) * 1000, 1), "times_faster": round(ratio, 1)}


def _planted(index: Index, count: int) -> dict[str, float]:
    """Of known duplicates that compare as alike, how many the look-up brings among all messages."""
    pairs = [pair for pair in generated(2 * count, 13) if pair.same]
    alike = brought = 0
    for pair in pairs:
        index.add(pair.one)
        row = index.features(pair.other, pair.one.key)
        if float(logistic(row @ WEIGHTS)[0]) >= THRESHOLD:
            alike += 1
            brought += pair.one.key in {one.key for one in index.find(pair.other)}
        index.remove(pair.one.key)
    return {"alike": alike, "brought": brought, "share": round(brought / max(1, alike), 4)}


def _flood(index: Index, asked: Sequence[Item]) -> dict[str, Any]:
    """Ten thousand near-duplicates more: what a question costs then, theirs and others'."""
    rng = Random(14)
    said = "锦绣花园3栋楼下的路灯坏了，晚上看不见路"
    area = "511102004001001"
    for n in range(FLOOD):
        text = said[: rng.randint(12, len(said))] + "！" * rng.randint(0, 3)
        index.add(Item(("flood", n), text, area, float(n), "a.a.lamp"))
    alarm = Item("alarm", said, area, float(FLOOD), "a.a.lamp")
    return {"messages": FLOOD, "find_ms": _timed(index, asked), "same_ms": _timed(index, [alarm] * 200)}


def _tables() -> tuple[fitting.Table, fitting.Table, fitting.Table]:
    """Generated pairs to fit, others to test, and the hand-written ones."""
    catalogue = shipped()

    def categorise(text: str) -> str:
        guess = read(text, catalogue=catalogue, gazetteer=None).parts[0].category
        return guess.code if guess else ""

    background = list(stream(3000, 5))
    tables = (generated(4000, 1), generated(2000, 2), written(categorise))
    fit, test, hand = (fitting.table(pairs, background) for pairs in tables)
    return fitting.widened(fit, 6), test, hand


def quality() -> dict[str, Any]:
    """Precision and recall; for the hand-written pairs each by weights that never saw it (five folds)."""
    fit, test, hand = _tables()
    count = len(hand.same)
    order = np.random.default_rng(0).permutation(count)
    held = np.zeros(count)
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        rest = np.setdiff1d(order, out)
        held[out] = logistic(hand.rows[out] @ fitting.fit(_joined(fit, hand, rest)))
    pairs = {}
    for name, threshold in (("shown_to_staff", THRESHOLD), ("told_to_residents", CERTAIN)):
        pairs[name] = {
            "generated": fitting.measure(test, threshold),
            "hand_written": fitting.judged(held, hand.same, threshold),
        }
    weights = fitting.fit(_joined(fit, hand, order))
    return {"pairs": pairs, "weights": dict(zip(FEATURES, (round(float(w), 2) for w in weights), strict=True))}


def _joined(fit: fitting.Table, hand: fitting.Table, which: Any) -> fitting.Table:
    rows = np.vstack([fit.rows, *([hand.rows[which]] * HAND)])
    return fitting.Table(rows, np.concatenate([fit.same, *([hand.same[which]] * HAND)]))


def _said(ms: dict[str, float]) -> str:
    return (
        f"p50 {ms['p50']} · p95 {ms['p95']} · p99 {ms['p99']} · max {ms['max']} · CPU {ms['cpu_p50']}/{ms['cpu_p99']}"
    )


def show(found: dict[str, Any]) -> None:
    """Print it as a table."""
    table = Table(title=f"相似事项 likeness · {found['matters']:,}", show_header=False)
    ms = found["find_ms"]
    table.add_row("查一次 one look-up (ms)", _said(ms))
    brute = found["brute_force"]
    table.add_row("逐条比对 rapidfuzz over all (ms)", f"{brute['rapidfuzz_ms']} → ×{brute['times_faster']}")
    table.add_row("加一条 adding one (µs)", str(found["add_us"]))
    table.add_row("内存 memory (MB)", f"{found['memory_mb']} (数组 arrays {found['arrays_mb']})")
    planted = found["planted"]
    table.add_row("埋入的重复 planted duplicates", f"{planted['brought']} / {planted['alike']}")
    flood = found["flood"]
    table.add_row(
        f"再来 {flood['messages']:,} 条雷同 after a flood (ms)", f"{_said(flood['find_ms'])}\n{_said(flood['same_ms'])}"
    )
    for name, both in found["pairs"].items():
        for kind, told in both.items():
            table.add_row(f"{name} · {kind}", f"P {told['precision']} · R {told['recall']} · F1 {told['f1']}")
    Console().print(table)
