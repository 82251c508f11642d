"""Where things are: flags first, then the environment, then the defaults."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli.options import amount, bounded, cycle_name, is_there, moment, numbers, settings
from bot.errors import SettingsRefused
from bot.settings import database_url, default_home, make_home, policy_path, shipped_policy


def test_the_home_is_the_flag_then_the_environment_then_the_platform(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three places, in that order."""
    assert settings(tmp_path / "flag").home == tmp_path / "flag"
    assert settings(None).home == home
    monkeypatch.setenv("POISE_HOME", "~/mine")
    assert default_home() == Path.home() / "mine"
    monkeypatch.setenv("POISE_HOME", "")
    assert default_home().name == "poise"


def test_the_policy_is_the_flag_then_the_environment_then_the_home_then_the_shipped_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four places, in that order."""
    assert policy_path(None, home) == shipped_policy("balanced")
    (home / "policy.toml").write_text("")
    assert policy_path(None, home) == home / "policy.toml"
    monkeypatch.setenv("POISE_POLICY", "~/other.toml")
    assert policy_path(None, home) == Path.home() / "other.toml"
    assert policy_path(Path("flag.toml"), home) == Path("flag.toml")


def test_everything_of_a_home_lies_in_it(home: Path) -> None:
    """Switch, account, heartbeat and journal."""
    chosen = settings(None)
    for place in (chosen.switch, chosen.account, chosen.heartbeat, Path(chosen.database)):
        assert place.parent == home


def test_the_journal_can_be_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite's or PostgreSQL's address, or a path."""
    for url in ("postgresql://u:p@h/d", "postgresql+asyncpg://h:5432/d", "sqlite:////tmp/j.db", "/tmp/j.db"):
        monkeypatch.setenv("POISE_DATABASE_URL", url)
        assert database_url(home) == url


@pytest.mark.parametrize(
    "url", ["oracle://u:secret@h/d", "://secret", "postgresql://u:secret@h:x/d", "postgresql://u:secret/2@h/d"]
)
def test_an_address_that_cannot_be_one_is_refused_without_repeating_it(
    url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold a password."""
    monkeypatch.setenv("POISE_DATABASE_URL", url)
    with pytest.raises(SettingsRefused) as refused:
        database_url(home)
    assert "secret" not in refused.value.message + refused.value.mend


def test_a_new_home_is_its_owners(tmp_path: Path) -> None:
    """Readable to nobody else; an old one stays as it is."""
    assert make_home(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    make_home(tmp_path / "a" / "b")


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """With the variable that mends it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsRefused) as refused:
        make_home(tmp_path / "file")
    assert "POISE_HOME" in refused.value.mend


def test_whether_a_seed_was_given_is_known() -> None:
    """Seven by default; a person's seven is a wish."""
    assert (settings(None).simulation.seed, settings(None).simulation.seed_given) == (7, False)
    assert settings(None, seed=7).simulation.seed_given


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-31", "2024-01-31T00:00:00+00:00"),
        ("2024-01-31T08:00", "2024-01-31T08:00:00+00:00"),
        ("2024-01-31T08:00+02:00", "2024-01-31T06:00:00+00:00"),
        ("2024-01-31T08:00Z", "2024-01-31T08:00:00+00:00"),
    ],
)
def test_a_moment_is_utc_unless_it_says_otherwise(text: str, utc: str) -> None:
    """A day is its midnight."""
    assert moment("--from", text).isoformat() == utc


@pytest.mark.parametrize("text", ["", "soon", "31.01.2024", "2024-02-30", "2024-01-31T25:00", "1e9"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Naming the option."""
    with pytest.raises(SettingsRefused, match="--from"):
        moment("--from", text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e400", "1e-400", "1e9999999", "x", "", "1,000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Before anything is reckoned with it."""
    with pytest.raises(SettingsRefused, match="--cash"):
        amount("--cash", text)


def test_numbers_come_as_amounts_or_per_cent() -> None:
    """Signs and spaces are welcome."""
    assert numbers("--move", "-20%, +10000,0") == (Decimal("-0.2"), Decimal(10000), Decimal(0))
    for text in ("", ",", "1,,2", "x", "nan", "inf%", "1e400"):
        with pytest.raises(SettingsRefused, match="--move"):
            numbers("--move", text)


def test_zero_is_within_bounds() -> None:
    """Only a number that is not zero can be too small."""
    assert bounded("--hedge", Decimal(0)) == 0


@pytest.mark.parametrize("text", ["", " ", "P7", "p7/..", "%", "x" * 21, "p7\n"])
def test_what_is_no_name_of_a_cycle_is_refused(text: str) -> None:
    """Above all the empty word of a script, which begins every name."""
    with pytest.raises(SettingsRefused, match="no name of a plan or cycle"):
        cycle_name(text)


def test_a_path_too_long_for_the_file_system_is_refused(tmp_path: Path) -> None:
    """Others are there or not."""
    assert is_there(tmp_path)
    assert not is_there(tmp_path / "nowhere")
    with pytest.raises(SettingsRefused, match="no path"):
        is_there(tmp_path / ("x" * 5_000))
