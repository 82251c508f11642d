"""Poise as a person uses it: in this process and quick, in a real one, or on a terminal of its own."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.main import run

ROOT = Path(__file__).resolve().parent.parent
POISE = (sys.executable, "-m", "bot")
REACTION = 0.2
PATIENCE = 60
# What is reckoned in float, and so written as a number.
STATISTICS = {
    *("total_return", "annual_return", "max_drawdown", "volatility", "sharpe", "sortino"),
    *("hedge_effectiveness", "tracking_error", "turnover_times", "unhedged_return", "money_weighted"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; a decimal written as a number is an error, but for statistics."""
        found = json.loads(self.out, object_pairs_hook=_exact)
        assert isinstance(found, dict)
        return found

    @property
    def body(self) -> dict[str, Any]:
        """The data of a command that went well."""
        assert self.document["ok"] is True, self.out
        found = self.document["body"]
        assert isinstance(found, dict)
        return found

    @property
    def said(self) -> str:
        """Everything, whichever way it went."""
        return self.out + self.err


def _exact(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    loose = [name for name, value in pairs if isinstance(value, float) and name not in STATISTICS]
    assert not loose, f"JSON numbers where decimals are strings: {loose}"
    return dict(pairs)


def poise(*words: str) -> Told:
    """Run one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))
    return Told(code, out.getvalue(), err.getvalue())


def well(*words: str) -> Told:
    """Run one command that must end with 0."""
    told = poise(*words)
    assert told.code == 0, told.said
    return told


def process(*words: str, stdin: str = "", **environment: str) -> Told:
    """Run one command in a process of its own, with an empty or given input that is no terminal."""
    done = subprocess.run(
        [*POISE, *words],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=PATIENCE,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that is at work; what is left of it at the end is ended."""
    with subprocess.Popen(
        [*POISE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def wait_for(seen: Path, *, larger_than: int = 0) -> None:
    """Return when a file exists and has grown."""
    end = time.monotonic() + PATIENCE
    while not (seen.exists() and seen.stat().st_size > larger_than):
        assert time.monotonic() < end, f"{seen} did not come"
        time.sleep(0.01)  # noqa: TID251 - another process is really at work


def talk(words: Sequence[str], *answers: tuple[str, str], columns: int = 80) -> Told:
    """Run a command on an 80-column terminal; type each answer when its prompt is seen ("^C" is the key)."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.environ.update(COLUMNS=str(columns), TERM="xterm-256color")
        os.execv(sys.executable, [*POISE, *words])
    said, waiting = "", list(answers)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece.decode(errors="replace")
        if waiting and waiting[0][0] in said:
            _, answer = waiting.pop(0)
            select.select([], [], [], REACTION)  # nobody presses a key in the instant the question appears
            os.write(terminal, b"\x03" if answer == "^C" else f"{answer}\n".encode())
    else:
        os.kill(child, signal.SIGKILL)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return Told(os.waitstatus_to_exitcode(status), said.replace("\r\n", "\n"))


def without_colour(text: str) -> str:
    """The letters a person sees."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def is_printable(text: str) -> bool:
    """Whether no control character but the line's end reaches the terminal."""
    return all(letter.isprintable() or letter == "\n" for letter in text)


def orders_sent() -> int:
    """How many requests the journal says left this home."""
    return sum(line["orders"] for line in well("history", "--limit", "1000", "--json").body["cycles"])
