"""`poise keys` as a person types it, on a terminal and through a pipe; no secret is ever printed."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from bot.keys.keyfile import read_file
from tests.shell import ROOT, Told, poise, process, talk
from tests.unit.keys.desk import CANARIES, PHRASE, canary, holds_canary, same

KEY, SECRET, VENUE_PHRASE = CANARIES
FINGERPRINT = canary().fingerprint
NEW = ("FRESHKEY00111", "FRESHSECRET00222")


@pytest.fixture(autouse=True)
def no_ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process and its children find no keyring, as on a server: nobody's real one is asked."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{NoKeyring.__module__}.Keyring")
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> "Pipe":
    """Return what runs a command with lines in a pipe."""
    return Pipe(monkeypatch)


class Pipe:
    """Runs `poise keys …` in this process; no part of the canary may be in what it says."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def keys(self, *words: str, lines: tuple[str, ...] = (), code: int = 0) -> Told:
        """Run one command with these lines on its input; it must end with this code."""
        self.patch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        told = poise("keys", *words)
        assert told.code == code, told.said
        assert not holds_canary(told.said)
        assert PHRASE not in told.said
        return told

    def add(self, *words: str) -> Told:
        """Put the canary away under the name bybit-test."""
        return self.keys("add", "bybit-test", "--with-passphrase", *words, lines=(*CANARIES, PHRASE))


def test_keys_are_put_away_from_a_pipe_and_opened(typed: Pipe, home: Path) -> None:
    """Encrypted unless something else is asked for; what comes next is said."""
    told = typed.add()
    assert told.out == (
        f"kept: key {FINGERPRINT} for bybit-test in the encrypted key store {home}/keystore.json\n"
        "Next:  poise doctor --account bybit-test\n"
    )
    assert typed.keys("check", "bybit-test", lines=(PHRASE,)).out == (
        f"bybit-test: key {FINGERPRINT} with a passphrase from the encrypted key store\n"
        "The store opens, and it is readable by its owner only. The venue was not asked.\n"
        "Next:  poise doctor --account bybit-test\n"
        "       asks whether it works, may trade, may withdraw, and from which addresses\n"
    )


def test_nothing_that_is_left_on_the_disk_holds_a_secret(typed: Pipe, home: Path) -> None:
    """Neither the store, nor a lock, nor a file half written."""
    typed.add()
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert not any(holds_canary(path.read_text()) for path in files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_key_file_holds_the_secrets_and_nobody_else_reads_it(typed: Pipe, home: Path) -> None:
    """--into file: mode 600."""
    path = home / "keys" / "bybit-test.toml"
    assert f"in the key file {path}" in typed.add("--into", "file").out
    assert same(read_file(path), canary())
    assert "The file is yours, and readable by its owner only." in typed.keys("check", "bybit-test").out
    path.chmod(0o644)
    told = typed.keys("check", "bybit-test", code=4)
    assert told.err == f"error: {path} can be read by others (mode 644)\nhelp:  chmod 600 {path}\n"


def test_what_the_environment_hands_over_is_said_to_be_open(typed: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the last place asked, and the least safe."""
    monkeypatch.setenv("POISE_BYBIT_TEST_KEY", KEY)
    monkeypatch.setenv("POISE_BYBIT_TEST_SECRET", SECRET)
    told = typed.keys("check", "bybit-test").out
    assert f"key {FINGERPRINT} from the environment\nWhatever runs as this user can read it there." in told
    assert "POISE_BYBIT_TEST_KEY" not in os.environ


def test_what_systemd_hands_over_is_the_services_to_guard(
    typed: Pipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Poise says so."""
    (tmp_path / "poise-bybit-test-key").write_text(KEY)
    (tmp_path / "poise-bybit-test-secret").write_text(SECRET)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "Who may read it, the service decides." in typed.keys("check", "bybit-test").out


def test_a_store_that_is_none_is_refused_before_a_key_is_typed(typed: Pipe) -> None:
    """Also an account that has keys, and a name that is none."""
    assert "no store" in typed.keys("add", "bybit-test", "--into", "drawer", code=65).err
    assert "no name" in typed.keys("add", "../x", code=65).err
    typed.add("--into", "file")
    assert "has keys already" in typed.keys("add", "bybit-test", code=4).err


def test_a_pipe_that_ends_too_soon_is_said(typed: Pipe, home: Path) -> None:
    """Which line is missing; nothing is kept."""
    told = typed.keys("add", "bybit-test", lines=(KEY,), code=4)
    assert told.err.startswith("error: Secret: there is nobody to ask, and no line left to read")
    assert not (home / "keystore.json").exists()


def test_keys_that_are_not_asked_first_are_not_used_and_it_is_said(typed: Pipe, home: Path) -> None:
    """A file goes before the key store."""
    typed.add("--into", "file")
    told = typed.add("--force")
    assert f"note: not used, since the key file {home}/keys/bybit-test.toml is asked first" in told.out
    assert typed.add("--force", "--json").body["used"] is False
    rows = typed.keys("list").out.splitlines()
    assert rows[0].startswith(f"bybit-test           {FINGERPRINT} key file {home}/keys/bybit-test.toml, since 20")
    assert rows[1].startswith("bybit-test           sealed   the encrypted key store, since 20")
    assert rows[2].strip() == "not used: the one above is asked first"


def test_the_list_says_what_is_wrong_and_goes_on(typed: Pipe, home: Path) -> None:
    """And where there is nothing, what to type."""
    assert typed.keys("list").out == "No keys are kept here.\nNext:  poise keys add NAME\n"
    typed.add("--into", "file")
    (home / "keys" / "bybit-test.toml").chmod(0o644)
    assert "can be read by others (mode 644)" in typed.keys("list").out
    assert typed.keys("list", "--json").body["keys"][0]["trouble"].endswith("(mode 644)")


@pytest.mark.parametrize("into", ["keystore", "file"])
def test_keys_are_changed_and_changed_back(typed: Pipe, into: str) -> None:
    """The old are kept until --finish; --abort goes back."""
    typed.add("--into", into)
    phrase = (PHRASE,) if into == "keystore" else ()
    told = typed.keys("rotate", "bybit-test", lines=(*NEW, *phrase)).out
    assert "is in use, the old one is kept" in told
    assert "being changed: poise keys rotate bybit-test --finish, or --abort" in typed.keys("list").out
    assert "the old keys are back" in typed.keys("rotate", "bybit-test", "--abort").out
    assert FINGERPRINT in typed.keys("check", "bybit-test", lines=phrase).out
    typed.keys("rotate", "bybit-test", "--json", lines=(*NEW, *phrase))
    assert typed.keys("rotate", "bybit-test", "--finish", "--json").body == {"account": "bybit-test", "kept": "new"}
    assert FINGERPRINT not in typed.keys("check", "bybit-test", lines=phrase).out
    assert "not being changed" in typed.keys("rotate", "bybit-test", "--finish", code=4).err


def test_the_store_gets_another_passphrase(typed: Pipe) -> None:
    """The old opens it no longer."""
    typed.add()
    told = typed.keys("rotate", "--passphrase", lines=(PHRASE, "another passphrase")).out
    assert told.startswith("1 account is sealed under the new passphrase\n")
    assert "does not open" in typed.keys("check", "bybit-test", lines=(PHRASE,), code=4).err
    assert FINGERPRINT in typed.keys("check", "bybit-test", lines=("another passphrase",)).out
    again = typed.keys("rotate", "--passphrase", "--json", lines=("another passphrase", PHRASE))
    assert again.body == {"sealed_again": 1}


def test_a_passphrase_file_saves_the_question(typed: Pipe, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a service: nobody is there."""
    (home / "phrase").touch(mode=0o600)
    (home / "phrase").write_text(f"{PHRASE}\n")
    monkeypatch.setenv("POISE_KEYSTORE_PASSPHRASE_FILE", str(home / "phrase"))
    typed.keys("add", "bybit-test", lines=(KEY, SECRET))
    assert FINGERPRINT in typed.keys("check", "bybit-test").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--finish", "--abort"), "are three things"),
        (("bybit-test", "--passphrase"), "has one passphrase for all its accounts"),
        ((), "is not said"),
    ],
)
def test_what_contradicts_itself_is_refused(typed: Pipe, words: tuple[str, ...], why: str) -> None:
    """Before anything is asked."""
    assert why in typed.keys("rotate", *words, code=65).err


def test_keys_are_forgotten(typed: Pipe, home: Path) -> None:
    """And deleting them at the venue is spoken of."""
    typed.add()
    assert typed.keys("remove", "bybit-test").out == (
        "bybit-test: gone from the key store.\nDelete the key at the venue as well.\n"
    )
    assert not (home / "keystore.json").exists()
    assert "no store has keys" in typed.keys("remove", "bybit-test", code=4).err
    typed.add()
    assert typed.keys("remove", "bybit-test", "--json").body["gone"] == ["the key store"]


def test_every_answer_is_data_too(typed: Pipe) -> None:
    """With the fingerprint and without a secret."""
    added = typed.add("--json")
    assert added.document["schema"] == "poise.keys-add/1"
    checked = typed.keys("check", "bybit-test", "--json", lines=(PHRASE,))
    assert checked.body == {
        "account": "bybit-test",
        "where": "the encrypted key store",
        "fingerprint": FINGERPRINT,
        "passphrase": True,
    }
    missing = typed.keys("check", "other", "--json", code=4)
    assert (missing.document["error"]["code"], missing.err) == ("CredentialsMissing", "")


def test_a_secret_that_cannot_be_one_is_not_repeated(typed: Pipe) -> None:
    """Neither by the refusal nor by what --debug adds to it."""
    for words in ((), ("--debug",), ("--json",)):
        typed.keys("add", "bybit-test", *words, lines=(f"{KEY} {SECRET}", SECRET), code=4)


def test_even_an_unforeseen_error_shows_no_secret_with_debug(home: Path) -> None:
    """A real process whose disk is gone in the middle: the traceback shows code, and no values."""
    keys = home / "keys"
    keys.mkdir()
    (keys / "bybit-test.toml").write_text(f'key = "{KEY}"\nsecret = "{SECRET}"\n')
    (keys / "bybit-test.toml").chmod(0o600)
    script = (
        "import sys, bot.keys.keyfile as k, bot.cli.main as m\n"
        "def broken(*_): raise ZeroDivisionError('the disk is gone')\n"
        "k.from_parts = broken\n"
        "sys.exit(m.run(['--debug', 'keys', 'check', 'bybit-test']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "ZeroDivisionError: the disk is gone" in done.stderr
    assert not holds_canary(done.stdout + done.stderr)


def test_no_command_takes_a_key_as_an_argument() -> None:
    """There is no option for one: a command line is seen by every process and kept by the shell."""
    for command in ("add", "rotate", "check", "list", "remove"):
        page = poise("keys", command, "--help").out
        assert not [word for word in page.split() if word in ("--key", "--secret", "--api-key", "--api-secret")]


def test_a_person_types_keys_and_sees_none_of_them(home: Path) -> None:
    """On a terminal: four questions, a new store's passphrase twice, and no echo."""
    told = talk(
        ("keys", "add", "bybit-test"), ("API key:", KEY), ("Secret:", SECRET), ("store:", PHRASE), ("again:", PHRASE)
    )
    assert told.code == 0, told.out
    assert FINGERPRINT in told.out
    assert not holds_canary(told.out)
    assert PHRASE not in told.out
    assert (home / "keystore.json").exists()
    assert max(map(len, told.out.splitlines()[:4])) <= 80


def test_a_slip_in_a_new_passphrase_is_found_at_once(home: Path) -> None:
    """Nobody could ever open the store again."""
    told = talk(
        ("keys", "add", "bybit-test"), ("API key:", KEY), ("Secret:", SECRET), ("store:", PHRASE), ("again:", "slip")
    )
    assert told.code == 4
    assert "the two passphrases differ: nothing was kept" in told.out
    assert not (home / "keystore.json").exists()


def test_leaving_at_a_question_keeps_nothing(home: Path) -> None:
    """Control-C is a cancellation, the end of input a refusal."""
    assert talk(("keys", "add", "bybit-test"), ("API key:", "^C")).code == 130
    told = talk(("keys", "add", "bybit-test"), ("API key:", "\x04"))
    assert (told.code, "API key: nothing was typed" in told.out) == (4, True)
    assert not (home / "keystore.json").exists()


def test_a_terminal_that_would_show_what_is_typed_is_refused() -> None:
    """A process without a terminal that is asked all the same: Python would only warn, and read on."""
    script = (
        "from bot.errors import CredentialsRefused\n"
        "from bot.keys.prompt import typed\n"
        "try: print(typed('Secret'))\n"
        "except CredentialsRefused as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        start_new_session=True,
        check=False,
    )
    assert done.stdout == "Secret: this terminal would show what you type\n"


def test_a_service_that_cannot_be_asked_says_what_it_needs(typed: Pipe) -> None:
    """A pipe that is empty, in a process of its own."""
    typed.add()
    told = process("keys", "check", "bybit-test")
    assert told.code == 4
    assert "no line left to read" in told.err
