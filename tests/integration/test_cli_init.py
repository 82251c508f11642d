"""Five questions, a commented policy that passes `check`, and nothing written over."""

from pathlib import Path

import pytest

from tests.shell import poise, talk, well


def test_flags_answer_instead_of_questions(home: Path) -> None:
    """Written to the home, where every command finds it; sound as written."""
    told = well("init", "--core", "60", "--assets", "BTC=60,ETH=40", "--hedge", "10", "--margin", "ample", "--yes")
    file = home / "policy.toml"
    assert str(file) in told.out
    assert well("check").out.startswith(f"{file}: policy mine is sound.")
    assert "BTC: 60 % of the core" in well("check").out
    assert "policy mine@" in well("plan").out


def test_what_was_not_given_keeps_its_default() -> None:
    """Seventy per cent of three coins, fifteen hedged."""
    well("init", "--yes")
    page = well("check").out
    assert "Core: 60–80 % of equity, aim 70 %." in page
    assert "Hedge: 0–20 %, aim 15 %" in page


def test_no_hedge_is_an_answer() -> None:
    """Zero leaves the section out."""
    well("init", "--hedge", "0", "--yes")
    assert "Hedge: none" in well("check").out or "Hedge" not in well("check").out
    assert poise("plan").code == 0


def test_a_policy_is_never_written_over_unasked(home: Path) -> None:
    """Unless --force says so."""
    file = home / "policy.toml"
    file.write_text("mine")
    told = poise("init", "--yes")
    assert (told.code, file.read_text()) == (65, "mine")
    assert "exists already" in told.err
    well("init", "--yes", "--force")
    well("check")


def test_it_writes_where_it_is_told(tmp_path: Path) -> None:
    """And names the policy for its file."""
    file = tmp_path / "new" / "savings.toml"
    well("init", "--yes", "--output", str(file))
    assert "policy savings is sound" in well("check", str(file)).out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--core", "101"), "at most 100"),
        (("--core", "seventy"), "no number"),
        (("--core", "95"), "leaves no room"),
        (("--assets", "BTC"), "coin and"),
        (("--assets", "BTC=50,ETH=30"), "sum to"),
        (("--margin", "much"), "ample"),
        (("--hedge", "-5"), "zero or more"),
        (("--schedule", "daily at nine"), "schedule.cron"),
        (("--profile", "pension"), "small-fund"),
    ],
)
def test_a_bad_answer_names_its_fault(words: tuple[str, ...], says: str, home: Path) -> None:
    """And nothing is written."""
    told = poise("init", "--yes", *words)
    assert told.code == 65
    assert says in told.err
    assert not (home / "policy.toml").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    told = poise("init", "--yes", "--output", str(tmp_path / "file" / "policy.toml"))
    assert told.code == 65
    assert "cannot be written" in told.err


def test_a_person_is_asked_five_times(home: Path) -> None:
    """Enter takes what stands in brackets."""
    told = talk(
        ("init",),
        ("1. How much", "60"),
        ("coins and their per cent", "BTC=70,ETH=30"),
        ("2. Collateral", ""),
        ("3. How much", "20"),
        ("5. When", ""),
    )
    assert told.code == 0, told.out
    assert "4. Tactical rules are left off" in told.out
    page = well("check").out
    assert "Core: 50–70 % of equity, aim 60 %." in page
    assert "BTC: 70 % of the core" in page


def test_control_c_between_questions_writes_nothing(home: Path) -> None:
    """Cancelled is 130."""
    told = talk(("init",), ("1. How much", "60"), ("coins and their", "^C"))
    assert told.code == 130
    assert not (home / "policy.toml").exists()
