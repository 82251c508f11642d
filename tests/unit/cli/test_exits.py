"""How an error reads, which code it ends with, and what is safe to print."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot import errors
from bot.cli.exits import ExitCode, code_of, complain, printable, tell
from bot.errors import PoiseError, PolicyRefused, SettingsRefused
from tests.shell import is_printable


def kinds(root: type[PoiseError] = PoiseError) -> Iterator[type[PoiseError]]:
    """Every error Poise raises on purpose."""
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from kinds(kind)


CODES = {
    "NumberRefused": 65,
    "PolicyRefused": 65,
    "SettingsRefused": 65,
    "CredentialsMissing": 4,
    "CredentialsRefused": 4,
    "RequestForbidden": 1,
    "AnswerUnclear": 1,
    "SnapshotUnavailable": 1,
    "OrderRejected": 5,
    "OutcomeUnknown": 5,
    "PlanRefused": 1,
    "PlanStale": 6,
    "TradingStopped": 7,
    "AccountHeld": 7,
    "JournalFault": 4,
    "JournalCorrupt": 4,
    "JournalNewer": 4,
    "JournalUnwritable": 4,
}


def test_every_error_has_its_code() -> None:
    """A new kind of error must be given one here."""
    extra: dict[str, dict[str, str]] = {"SnapshotUnavailable": {"part": "x"}, "OrderRejected": {"code": "x"}}
    found = {kind.__name__: int(code_of(kind("x", **extra.get(kind.__name__, {})))) for kind in kinds()}
    assert found == CODES
    assert all(name in (errors.__doc__ or "") for name in found)


def test_an_error_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """What, and the mend, on stderr."""
    assert tell(SettingsRefused("what", mend="mend"), as_json=False) is ExitCode.CONFIGURATION
    assert capsys.readouterr() == ("", "error: what\nhelp:  mend\n")


def test_faults_are_lines_between(capsys: pytest.CaptureFixture[str]) -> None:
    """One each, but for the one that is the message again."""
    tell(PolicyRefused("a.toml has 1 fault", faults=("a.toml:3: wrong", "a.toml has 1 fault; x")), as_json=False)
    assert capsys.readouterr().err == "error: a.toml has 1 fault\n  a.toml:3: wrong\n"


def test_as_data_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters are escaped by JSON itself."""
    complain("x\x1b[31m", "mend", ExitCode.USAGE, as_json=True)
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    assert json.loads(out)["error"] == {
        "code": "usage",
        "message": "x\x1b[31m",
        "mend": "mend",
        "faults": [],
        "exit": 64,
    }


@given(some.text(max_size=2_000))
def test_nothing_printed_is_obeyed_by_a_terminal(text: str) -> None:
    """Whatever the letters; and its length is bounded."""
    assert is_printable(printable(text))
    assert len(printable(text)) < 640


def test_what_can_be_printed_is_printed_as_it_is() -> None:
    """Also where it is not English."""
    assert printable("Überschuss 终 · −5 %") == "Überschuss 终 · −5 %"
