"""Intake by HTTP beside pgbench with one statement that writes the same rows, in turn, in the same minutes."""

import tempfile
from pathlib import Path
from typing import Any

import click

from linli.site.bench import stage as st
from linli.site.bench.past import fill

CONNECTIONS = (1, 4, 16)


def measure(seconds: float, rounds: int, past: int) -> dict[str, Any]:
    """Rates, ratios and latencies at each number of connections; with *past* also after so many matters were added."""
    with tempfile.TemporaryDirectory() as folder, st.serving() as stage:
        script = st.baseline(Path(folder))
        st.load(stage, 4, 2)  # warm
        found: dict[str, Any] = {"matters_before": st.count("matters_matter")}
        found["now"] = [_round(stage, script, c, seconds, rounds) for c in CONNECTIONS]
        if past:
            fill(past)
            st.load(stage, 4, 2)
            found["matters_then"] = st.count("matters_matter")
            found["with_past"] = [_round(stage, script, 16, seconds, rounds)]
            before = next(r for r in found["now"] if r["connections"] == 16)
            found["lost"] = 1 - found["with_past"][0]["rate"] / before["rate"]
            found["lost_of_ratio"] = 1 - found["with_past"][0]["ratio"] / before["ratio"]
    return found


def _round(stage: st.Stage, script: Path, connections: int, seconds: float, rounds: int) -> dict[str, Any]:
    ours, base = [], []
    for _ in range(rounds):
        base.append(st.pgbench(script, connections, seconds))
        ours.append(st.load(stage, connections, seconds))
    rates = [o["rate"] for o in ours]
    return {
        "connections": connections,
        "rate": st.median(rates),
        "pgbench": st.median(base),
        "ratio": st.median([o / b for o, b in zip(rates, base, strict=True)]),
        "p50": st.median([o["p50"] for o in ours]),
        "p99": st.median([o["p99"] for o in ours]),
        "refused": sum(o["refused"] for o in ours),
    }


def show(found: dict[str, Any]) -> None:
    """The figures as a table."""
    click.echo(f"已有事项 matters: {found['matters_before']:,}")
    for row in found["now"]:
        click.echo(_line(row))
    if "with_past" in found:
        click.echo(f"已有事项 matters: {found['matters_then']:,}")
        click.echo(_line(found["with_past"][0]))
        click.echo(f"  损失 lost: {found['lost']:.0%} of the rate, {found['lost_of_ratio']:.0%} of the ratio")


def _line(row: dict[str, Any]) -> str:
    return (
        f"  {row['connections']:>2} 连接 connections: {row['rate']:7,.0f}/s   pgbench {row['pgbench']:7,.0f}/s   "
        f"比值 ratio {row['ratio']:.2f}   p50 {row['p50']:.1f} ms   p99 {row['p99']:.1f} ms   "
        f"refused {row['refused']:.0f}"
    )
