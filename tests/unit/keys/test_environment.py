"""What systemd, Docker and the environment hand over, and what children do not inherit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import CredentialsRefused
from bot.keys.environment import given_passphrase, handed_over, peek, secret_text, taken
from bot.keys.private import write_private
from tests.unit.keys.desk import ACCOUNT, CANARIES, canary, refusal, same

PARTS = ("key", "secret", "passphrase")
VARIABLES = {f"POISE_BYBIT_TEST_{part.upper()}": value for part, value in zip(PARTS, CANARIES, strict=True)}


def hand_over(folder: Path, begins: str) -> Path:
    """Write the canary as a service manager would: one file for each part, with a line end."""
    folder.mkdir(exist_ok=True)
    for part, value in zip(PARTS, CANARIES, strict=True):
        (folder / f"{begins}{part}").write_text(f"{value}\n")
    return folder


def test_systemd_hands_over_files_by_name(tmp_path: Path) -> None:
    """LoadCredential=poise-bybit-test-key:… and the folder's name in the environment."""
    folder = hand_over(tmp_path / "systemd", "poise-bybit-test-")
    found = handed_over(ACCOUNT, {"CREDENTIALS_DIRECTORY": str(folder)}, tmp_path)
    assert found is not None
    assert same(found[0], canary())
    assert found[1] == "systemd's credentials"


def test_docker_hands_over_files_with_underscores(tmp_path: Path) -> None:
    """secrets: poise_bybit_test_key in compose.yaml."""
    found = handed_over(ACCOUNT, {}, hand_over(tmp_path / "docker", "poise_bybit_test_"))
    assert found is not None
    assert same(found[0], canary())
    assert found[1] == "Docker's secrets"


def test_systemd_is_asked_before_docker(tmp_path: Path) -> None:
    """Where both have them."""
    systemd = hand_over(tmp_path / "systemd", "poise-bybit-test-")
    docker = hand_over(tmp_path / "docker", "poise_bybit_test_")
    found = handed_over(ACCOUNT, {"CREDENTIALS_DIRECTORY": str(systemd)}, docker)
    assert found is not None
    assert found[1] == "systemd's credentials"


def test_other_accounts_files_are_not_taken(tmp_path: Path) -> None:
    """Nothing is handed over for this one."""
    folder = hand_over(tmp_path / "systemd", "poise-other-")
    assert handed_over(ACCOUNT, {"CREDENTIALS_DIRECTORY": str(folder)}, hand_over(folder, "poise_other_")) is None


def test_half_a_pair_is_refused(tmp_path: Path) -> None:
    """The next place is not asked in its stead."""
    folder = hand_over(tmp_path / "systemd", "poise-bybit-test-")
    (folder / "poise-bybit-test-secret").unlink()
    error = refusal(lambda: handed_over(ACCOUNT, {"CREDENTIALS_DIRECTORY": str(folder)}), CredentialsRefused)
    assert error.message == "systemd's credentials has no secret"


def test_a_secret_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    """A folder in its place, or bytes that are no text."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(CANARIES[0].encode() + b"\xff\xfe")
    assert "cannot be read" in refusal(lambda: secret_text(tmp_path / "folder"), CredentialsRefused).message
    assert "is no text" in refusal(lambda: secret_text(tmp_path / "bytes"), CredentialsRefused).message
    assert secret_text(tmp_path / "none") == secret_text(tmp_path / "bytes" / "below") == ""


def test_the_environment_is_emptied_as_it_is_read() -> None:
    """The second who asks finds nothing, and so does every child; other accounts' variables stay."""
    environ = {**VARIABLES, "POISE_OTHER_KEY": "x", "PATH": "/bin"}
    assert same(taken(ACCOUNT, environ), canary())
    assert environ == {"POISE_OTHER_KEY": "x", "PATH": "/bin"}
    assert taken(ACCOUNT, environ) is None


def test_it_is_emptied_also_when_it_is_refused() -> None:
    """Half a pair is a secret as well."""
    environ = {"POISE_BYBIT_TEST_SECRET": CANARIES[1]}
    assert refusal(lambda: taken(ACCOUNT, environ), CredentialsRefused).message == "the environment has no key"
    assert environ == {}


def test_a_list_only_looks() -> None:
    """What is only shown stays for who uses it."""
    environ = dict(VARIABLES)
    assert same(peek(ACCOUNT, environ), canary())
    assert environ == VARIABLES
    assert peek("other", environ) is None


def test_a_child_process_inherits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real child prints the environment it was born with."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    show = [sys.executable, "-c", "import os; print(dict(os.environ))"]
    before = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    assert all(value in before for value in CANARIES)
    taken(ACCOUNT, os.environ)
    after = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    assert not any(value in after for value in CANARIES)


def test_the_passphrase_comes_from_a_private_file(tmp_path: Path) -> None:
    """POISE_KEYSTORE_PASSPHRASE_FILE; the line's end is not part of it, spaces within are."""
    write_private(tmp_path / "phrase", "horse battery staple\n")
    environ = {"POISE_KEYSTORE_PASSPHRASE_FILE": str(tmp_path / "phrase")}
    assert given_passphrase(environ) == "horse battery staple"
    (tmp_path / "phrase").chmod(0o644)
    assert "chmod 600" in refusal(lambda: given_passphrase(environ), CredentialsRefused).mend


@pytest.mark.parametrize(("text", "why"), [(None, "which is not there"), ("", "is empty"), (" \n", "is empty")])
def test_a_passphrase_file_that_says_nothing_is_refused(tmp_path: Path, text: str | None, why: str) -> None:
    """A person is not asked in its stead: nobody may be there."""
    if text is not None:
        write_private(tmp_path / "phrase", text)
    environ = {"POISE_KEYSTORE_PASSPHRASE_FILE": str(tmp_path / "phrase")}
    assert why in refusal(lambda: given_passphrase(environ), CredentialsRefused).message


def test_the_passphrase_comes_from_systemd_else_from_nobody(tmp_path: Path) -> None:
    """A credential named poise-keystore-passphrase."""
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert given_passphrase({}) is None
    assert given_passphrase(environ) is None
    (tmp_path / "poise-keystore-passphrase").write_text("horse battery staple\n")
    assert given_passphrase(environ) == "horse battery staple"


def test_nothing_is_handed_over_where_nothing_is_named() -> None:
    """On a desk there is neither."""
    assert handed_over(ACCOUNT, {}) is None
