"""What reaches a terminal, a pipe and a closed one: 80 columns, no codes where nobody sees them, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import options
from tests.shell import POISE, ROOT, is_printable, orders_sent, poise, process, talk, well, without_colour

LOOKS = (("plan",), ("explain",), ("status",), ("history",), ("whatif",), ("run", "--cycles", "3"))


@pytest.mark.parametrize("words", LOOKS, ids=lambda words: words[0])
def test_piped_output_has_no_codes_and_fits(words: tuple[str, ...]) -> None:
    """For another program, or a file."""
    well("plan")
    well("apply", "latest", "--yes")
    told = process(*words)
    assert told.code == 0
    assert "\x1b" not in told.said
    assert max(map(len, told.out.splitlines())) <= 80


@pytest.mark.parametrize("words", LOOKS[:4], ids=lambda words: words[0])
def test_a_terminal_of_80_columns_is_enough(words: tuple[str, ...]) -> None:
    """With colours, which are not counted."""
    well("plan")
    well("apply", "latest", "--yes")
    told = talk(words)
    assert told.code == 0
    assert max(map(len, without_colour(told.out).splitlines())) <= 80


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour on a terminal either."""
    assert "\x1b[3" in talk(("plan",)).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in talk(("plan",)).out


def piped(script: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `poise` is ours; its code is that of the first command of the pipe."""
    line = f'set -o pipefail; poise() {{ "{sys.executable}" -m bot "$@"; }}; {script}'
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


@pytest.mark.parametrize("words", ["plan", "history", "--help", "plan --json", "run --cycles 50"])
def test_a_reader_that_leaves_early_is_no_error(words: str) -> None:
    """As `| head -1` does."""
    well("plan")
    done = piped(f"poise {words} | head -1")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("target", ["| true", "| head -1", "> /dev/full", ">&-", "2>&1 | true"])
def test_an_apply_nobody_reads_is_carried_out_to_its_last_leg(target: str) -> None:
    """Stopping between a sale and its hedge would cost more than a lost line."""
    well("plan")
    done = piped(f"poise apply latest --yes {target}")
    assert "Traceback" not in done.stderr
    assert orders_sent() == 5
    assert done.returncode == (1 if "full" in target else 0)
    assert well("status", "--json").body["discrepancies"] == []


def test_output_that_could_not_be_written_is_an_error() -> None:
    """A file cut short must not pass for a whole one."""
    done = piped("poise plan --json > /dev/full")
    assert done.returncode == 1
    assert "could not be written: No space left" in done.stderr


def test_an_old_terminal_without_unicode_still_gets_its_page() -> None:
    """Letters it does not know are replaced."""
    told = process("plan", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert told.code == 0
    assert "BTC" in told.out


def test_data_goes_to_stdout_and_messages_to_stderr() -> None:
    """So a script can keep the two apart."""
    told = process("plan", "--json")
    assert told.out.startswith("{")
    assert told.out.count("\n") == 1
    told = process("apply", "latest", "--yes", "--json")
    assert told.document["ok"] is True
    assert "6/6" in told.err


def test_the_command_line_starts_without_what_it_may_not_need() -> None:
    """Help, version and a wrong word answer at once."""
    heavy = ("sqlmodel", "sqlalchemy", "pydantic", "rich", "alembic", "tenacity", "asyncio")
    code = f"import sys, bot.cli.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_the_module_and_the_command_are_one() -> None:
    """Python -m bot says poise, not __main__.py."""
    assert POISE[1:] == ("-m", "bot")
    assert process("--help").out.startswith("Usage: poise ")
    assert "__main__" not in process("nonsense").err


def test_debug_shows_the_traceback_of_a_bug_only() -> None:
    """What Poise refuses on purpose stays two lines."""
    assert "Traceback" not in poise("plan", "--policy", "nowhere.toml", "--debug").err


def test_what_nobody_foresaw_is_one_line_and_a_traceback_only_with_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug, in the place that finds the home."""

    def broken() -> Path:
        raise ValueError("a bug\x1b[2J")

    monkeypatch.setattr(options, "default_home", broken)
    told = poise("plan")
    assert told.code == 1
    assert told.err.startswith("error: something unforeseen happened: ValueError")
    assert "--debug" in told.err
    assert is_printable(told.err)
    with pytest.raises(ValueError, match="a bug"):
        poise("plan", "--debug")


@pytest.mark.slow
@pytest.mark.parametrize("bound", [("--cycles", "500"), ("--until", "2026-06-01")], ids=lambda bound: bound[0])
def test_a_long_run_says_how_far_it_is_on_a_terminal_only(bound: tuple[str, str]) -> None:
    """Rate and time left, after two seconds, on a line of its own that is taken away."""
    told = talk(("run", "--quiet", *bound))
    assert told.code == 0
    assert "cycles" in told.out
    assert "s left" in told.out
    assert "s left" not in process("run", "--quiet", "--cycles", "200").said
