"""Print every figure the README and the closing notes speak of; `make bench` runs it."""

import gc
import shutil
import tempfile
from pathlib import Path

from benchmarks.books import a_book
from benchmarks.clocks import command, medians
from benchmarks.cycles import simulated_cycles
from benchmarks.venues import VENUES, imports, measure
from bot.decide import decide

YARDSTICK = "import typer, sqlmodel, tenacity"
ROUNDS = 9


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="poise-bench-"))
    try:
        starts(home)
        decisions()
        cycles(home)
        imports(home)
        for venue in VENUES:
            measure(venue)
    finally:
        shutil.rmtree(home)


def starts(home: Path) -> None:
    """Cold starts, each in a process of its own, in turn with their yardsticks."""
    command("-m", "bot", "plan", home=home)()
    works = {
        "typer": command("-c", "import typer", home=home),
        "help": command("-m", "bot", "--help", home=home),
        "parts": command("-c", YARDSTICK, home=home),
        "plan": command("-m", "bot", "plan", home=home),
    }
    taken = medians(ROUNDS, works)
    allowed = 1.3 * taken["typer"] + 0.1
    tell("import typer", f"{taken['typer'] * 1000:.0f} ms")
    tell("poise --help", f"{taken['help'] * 1000:.0f} ms", f"{taken['help'] / allowed:.2f} of 1.3 x typer + 0.1 s")
    tell(YARDSTICK, f"{taken['parts'] * 1000:.0f} ms")
    tell("poise plan, cold", f"{taken['plan'] * 1000:.0f} ms", f"{taken['plan'] / taken['parts']:.2f} x (at most 1.5)")


def decisions() -> None:
    """Deciding 100 and 1,000 assets, in turn."""
    books = {100: a_book(100, 1), 1000: a_book(1000, 1)}
    counts = {size: len(decide(*book).plan.proposals) for size, book in books.items()}
    gc.collect()
    taken = medians(15, {str(size): lambda book=book: decide(*book) for size, book in books.items()})
    one, ten = taken["100"], taken["1000"]
    tell("decide, 100 assets", f"{one * 1000:.1f} ms", f"{counts[100]} proposals (at most 10 ms)")
    tell("decide, 1,000 assets", f"{ten * 1000:.1f} ms", f"{counts[1000]} proposals, {ten / one:.1f} x (at most 12)")


def cycles(home: Path) -> None:
    """Journaled cycles on the simulated venue, short and long, so that growth would show."""
    short, long = (simulated_cycles(home / f"cycles-{count}", count) for count in (500, 2000))
    for cycled in (short, long):
        what = f"{cycled.grown_mib:.1f} MiB more than at the start (at most 50)"
        tell(f"{cycled.count:,} journaled cycles", f"{cycled.per_second:.0f} /s", f"at least 60 /s; {what}")


def tell(what: str, figure: str, remark: str = "") -> None:
    """Print one line."""
    print(f"{what:<34} {figure:>9}   {remark}".rstrip())


if __name__ == "__main__":
    main()
