"""A newcomer's first hour, every command as data, and the example each help page gives."""

import io
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.shell import PATIENCE, POISE, ROOT, orders_sent, poise, process, well, without_colour

COMMANDS = (
    *("init", "check", "plan", "apply", "run", "status", "history", "explain", "replay", "whatif"),
    *("report", "hedge compare", "carry scan", "pause", "resume", "kill"),
    *("journal verify", "journal backup", "journal export", "accounts add", "accounts list", "doctor"),
    *("keys add", "keys list", "keys check", "keys rotate", "keys remove"),
)
# What is typed where a command asks for secrets; those that change keys find some that were put away before.
OLD_KEYS, NEW_KEYS, PHRASE = ("OLDKEY001", "OLDSECRET001"), ("NEWKEY001", "NEWSECRET001"), "horse battery staple"
TYPED = {
    "keys add": (*OLD_KEYS, PHRASE),
    "keys check": (PHRASE,),
    "keys rotate": (*NEW_KEYS, PHRASE),
    "keys remove": (),
}


def test_a_newcomer_plans_applies_and_looks(tmp_path: Path) -> None:
    """Each command of the first hour ends well and says what comes next."""
    assert "Nothing can reach an exchange" in well("plan").said
    applied = well("apply", "latest", "--yes")
    assert "5 filled, 1 transferred, 0 failed, 0 skipped" in applied.out
    assert "No changes" in well("plan").out
    assert "Nothing was proposed" in well("explain", "latest").out
    assert "decided again to the same" in well("replay", "latest").out
    assert "5 of 5" in well("history").out
    assert "Discrepancies  none" in well("status").out
    assert well("journal", "verify").out.startswith("whole: ")
    assert "verified" in well("journal", "backup", str(tmp_path / "copy.db")).out


def test_a_backup_never_writes_over_a_file(tmp_path: Path) -> None:
    """The file stays as it was."""
    well("plan")
    mine = tmp_path / "mine.db"
    mine.write_text("mine")
    told = poise("journal", "backup", str(mine))
    assert (told.code, mine.read_text()) == (65, "mine")
    assert "exists already" in told.err


@pytest.mark.parametrize(("kind", "begins"), [("csv", b"seq,"), ("jsonl", b'{"seq"'), ("parquet", b"PAR1")])
def test_everything_can_be_taken_away(tmp_path: Path, kind: str, begins: bytes) -> None:
    """One file for each table, in three formats."""
    well("plan")
    well("apply", "latest", "--yes")
    told = well("journal", "export", "--format", kind, str(tmp_path / "out"))
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 17
    assert (tmp_path / "out" / f"fill.{kind}").read_bytes().startswith(begins)
    assert re.search(r"fill +5 rows", told.out)


def test_a_backup_is_a_journal_that_takes_the_place_of_the_old(home: Path, tmp_path: Path) -> None:
    """Copied over a lost one, it verifies and tells the same history."""
    well("plan")
    well("apply", "latest", "--yes")
    before = well("history").out
    copy = tmp_path / "copy.db"
    well("journal", "backup", str(copy))
    for file in home.glob("journal.db*"):
        file.unlink()
    copy.rename(home / "journal.db")
    assert well("history").out == before
    well("journal", "verify")


def as_data(tmp_path: Path) -> list[tuple[str, ...]]:
    """One call of every command, in an order in which all of them go well."""
    return [
        ("plan",),
        ("apply", "latest", "--yes"),
        ("plan",),
        ("apply", "latest"),
        ("check",),
        ("explain", "latest"),
        ("replay", "latest"),
        ("history",),
        ("run", "--cycles", "2"),
        ("status",),
        ("status", "--check"),
        ("whatif",),
        ("whatif", "--spot", "BTC=10@70000"),
        ("whatif", "--crash", "2022-06"),
        ("report",),
        ("report", "--html", str(tmp_path / "report.html")),
        ("hedge", "compare"),
        ("carry", "scan"),
        ("pause",),
        ("resume",),
        ("kill",),
        ("resume",),
        ("journal", "verify"),
        ("journal", "backup", str(tmp_path / "copy.db")),
        ("journal", "export", str(tmp_path / "out")),
        ("init",),
    ]


def test_every_command_speaks_json(tmp_path: Path) -> None:
    """One document on stdout with schema and ok; decimals are strings."""
    for words in as_data(tmp_path):
        document = well(*words, "--json").document
        assert re.fullmatch(r"poise\.[a-z-]+/1", document["schema"]), words
        assert document["ok"] is True, words


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("plan", "--policy", "nowhere.toml"), 65, "PolicyRefused"),
        (("plan", "--bogus"), 64, "usage"),
        (("apply",), 64, "usage"),
        (("nonsense",), 64, "usage"),
        (("run", "--until", "soon"), 65, "SettingsRefused"),
        (("status", "--check"), 1, "error"),
    ],
)
def test_an_error_is_data_too(words: tuple[str, ...], code: int, name: str) -> None:
    """With --json nothing is said on stderr; the document holds code, message and mend."""
    told = poise(*words, "--json")
    assert (told.code, told.err) == (code, "")
    document = told.document
    assert (document["schema"], document["ok"]) == ("poise.error/1", False)
    assert (document["error"]["exit"], document["error"]["code"]) == (code, name)
    assert document["error"]["message"]
    assert document["error"]["mend"]


def example(command: str) -> str:
    """The example of a command's help page."""
    found = re.search(r"Example: poise (.+)", well(*command.split(), "--help").out)
    assert found, command
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_every_help_page_runs(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As printed, but for the name of the plan; files it writes land in a folder of their own."""
    words = shlex.split(example(command))
    assert words[: len(command.split())] == command.split()
    well("plan")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    if command == "apply":
        words = ["apply", "latest", "--yes"]
    if command == "doctor":
        pytest.skip("its example asks a venue: test_cli_doctor.py runs it against an emulated one")
    if command in TYPED:
        keys_are_typed(monkeypatch, command)
    well(*words)


def keys_are_typed(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Have a pipe answer what a command asks, after keys were put away for all but `keys add`."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ["keys add", command] if command != "keys add" else [command]:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join((*TYPED[name], ""))))
        if name != command:
            well("keys", "add", "bybit-test")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_page_fits_a_terminal_and_offers_json(command: str) -> None:
    """80 columns, no colours."""
    page = well(*command.split(), "--help").out
    assert "--json" in page
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page


def test_poise_alone_shows_what_to_type() -> None:
    """Help, and no error."""
    assert "poise plan" in well().out
    assert "verify" in well("journal").out
    assert process().code == 0


def test_the_version_is_told() -> None:
    """As of the package."""
    assert re.fullmatch(r"poise \d+\.\d+\.\d+\n", well("--version").out)


def test_the_shell_can_complete_it() -> None:
    """A script for bash, from within which it is asked for."""
    asked = ["bash", "-c", shlex.join([*POISE, "--show-completion"]) + "; exit $?"]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=True)
    assert "_poise_completion" in done.stdout


def test_a_plan_can_be_named_by_its_beginning() -> None:
    """Two letters are enough when no other cycle begins so."""
    name = well("plan", "--json").body["plan"]
    assert well("apply", name[:3], "--yes", "--json").body["applies"] == name


def test_what_json_prints_and_what_a_page_prints_are_the_same_plan() -> None:
    """Asking twice at one moment gives one plan."""
    name = well("plan", "--json").body["plan"]
    assert f"Plan {name}" in without_colour(well("plan").out)


def test_asking_for_json_is_no_yes() -> None:
    """A program must say --yes as well."""
    well("plan")
    told = poise("apply", "latest", "--json")
    assert (told.code, told.document["ok"]) == (64, False)
    assert orders_sent() == 0
