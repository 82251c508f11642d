"""Timing: interleaved rounds, medians, and nothing else running that we started."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` took."""
    start = perf_counter()
    work()
    return perf_counter() - start


def medians(rounds: int, works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each work, run in turn A B A B so that a drift hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(times) for name, times in taken.items()}


def command(*words: str, home: Path) -> Callable[[], object]:
    """Return a work that runs this Python with some words in a process of its own."""
    environment = {**os.environ, "POISE_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def work() -> object:
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True, capture_output=True)

    return work
