"""A key file: two or three lines of TOML, mode 600, and none of them in an error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot import accounts
from bot.errors import CredentialsRefused, SettingsRefused
from bot.keys import keyfile
from bot.keys.credentials import Credentials
from bot.keys.keyfile import accounts_with_files, key_file, read_file, read_held, variable, write_file
from bot.keys.private import write_private
from tests.unit.keys.desk import ACCOUNT, CANARIES, canary, fresh, refusal, same

KEY, SECRET, PHRASE = CANARIES
PLAIN = some.text(some.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)


def refused(path: Path, text: str) -> str:
    """Why a file with this text is not used."""
    write_private(path, text)
    return refusal(lambda: read_held(path), CredentialsRefused).message.replace(str(path), "FILE")


def test_it_lies_in_the_home_folder_or_where_a_variable_says(tmp_path: Path) -> None:
    """HOME/keys/bybit-test.toml, else POISE_KEY_FILE_BYBIT_TEST."""
    assert key_file(ACCOUNT, tmp_path, {}) == tmp_path / "keys" / "bybit-test.toml"
    assert key_file(ACCOUNT, tmp_path, {"POISE_KEY_FILE_BYBIT_TEST": "/run/k.toml"}) == Path("/run/k.toml")
    assert key_file(ACCOUNT, tmp_path, {"POISE_KEY_FILE_OTHER": "/run/k.toml"}).parent.name == "keys"


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", "A", "-a", "a" * 32, "a b", "a\n", "é", KEY])
def test_a_name_that_leads_elsewhere_is_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    """A key may have been pasted in its place."""
    error = refusal(lambda: key_file(name, tmp_path, {}), SettingsRefused)
    assert error.message.startswith("that is no name for an account")


def test_keys_and_accounts_have_the_same_names() -> None:
    """Two layers, one rule."""
    assert keyfile.NAME.pattern == accounts.NAME.pattern
    assert variable("a-1-b") == "A_1_B"


def test_a_file_as_a_person_types_it(tmp_path: Path) -> None:
    """Comments, order and spaces are theirs."""
    write_private(tmp_path / "k", f"# mine\nsecret = '{SECRET}'\n\nkey = \"{KEY}\"\npassphrase = '{PHRASE}'\n")
    assert same(read_file(tmp_path / "k"), canary())


def test_there_is_none_where_there_is_no_file(tmp_path: Path) -> None:
    """No credentials, and nothing before them."""
    assert read_file(tmp_path / "k") is None
    assert read_held(tmp_path / "k") is None


@given(key=PLAIN, secret=PLAIN, phrase=some.none() | PLAIN)
def test_what_is_written_is_what_is_read(tmp_path: Path, key: str, secret: str, phrase: str | None) -> None:
    """Quotes and backslashes too."""
    one = Credentials(key=key, secret=secret, passphrase=phrase)
    write_file(tmp_path / "k", one)
    assert same(read_file(tmp_path / "k"), one)


def test_the_ones_before_lie_beside_those_in_use(tmp_path: Path) -> None:
    """While keys are changed."""
    write_file(tmp_path / "k", fresh(), canary())
    held = read_held(tmp_path / "k")
    assert held is not None
    assert same(held.current, fresh())
    assert same(held.previous, canary())


def test_no_error_quotes_the_file(tmp_path: Path) -> None:
    """Each says which file and what is wrong with it, in words of its own."""
    pair = f'key = "{KEY}"\nsecret = "{SECRET}"\n'
    assert refused(tmp_path / "k", f"{KEY} = {SECRET}!\n") == "FILE is no key file"
    assert refused(tmp_path / "k", f'key = "{KEY}\n') == "FILE is no key file"
    assert refused(tmp_path / "k", f'{KEY} = "x"\n{pair}') == "FILE has a line that is none of key, secret, passphrase"
    assert refused(tmp_path / "k", f'key = "{KEY}"\n') == "FILE has no secret"
    assert refused(tmp_path / "k", "") == "FILE has no key and no secret"
    assert refused(tmp_path / "k", f'key = ["{KEY}"]\nsecret = "{SECRET}"\n') == "FILE has a key that is no text"
    assert refused(tmp_path / "k", f'key = "CANARY"\nsecret = "{SECRET}"\n').startswith("the key has 6 characters")
    assert refused(tmp_path / "k", f'previous = "{KEY}"\n{pair}') == "FILE has a previous that is no table"
    assert refused(tmp_path / "k", f'{pair}[previous]\n"{KEY}" = "x"\n').endswith("none of key, secret, passphrase")
    assert refused(tmp_path / "k", f'{pair}[previous]\nkey = "{KEY}"\n') == "the previous part of FILE has no secret"


def test_a_file_nested_without_end_is_no_key_file(tmp_path: Path) -> None:
    """The parser gives up, and says so."""
    assert refused(tmp_path / "k", "key = " + "[" * 100_000) == "FILE is no key file"


def test_the_accounts_with_files_are_those_with_names(tmp_path: Path) -> None:
    """Other files in the folder are not looked at."""
    assert accounts_with_files(tmp_path) == ()
    for name in (ACCOUNT, "Not a name", "old"):
        write_file(tmp_path / "keys" / f"{name}.toml", fresh())
    assert sorted(accounts_with_files(tmp_path)) == [ACCOUNT, "old"]
