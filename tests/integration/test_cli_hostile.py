"""Hostile words through every argument and option: a clear no, no traceback, nothing obeyed, nothing sent."""

from pathlib import Path

import pytest

from tests.shell import is_printable, orders_sent, poise, process, well

HOSTILE = {
    "newline": "x\nerror: forged",
    "carriage return": "x\rforged",
    "escape": "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "sql": "x'; DROP TABLE cycle; --",
    "html": "<script>alert(1)</script>",
    "path": "../../etc/passwd",
    "long": "x" * 10_000,
    "right to left": "\u202egnp.exe",
    "percent": "%n%s{0}",
    "spaces": "   ",
    "empty": "",
    "surrogate": "x\udcff",
    "markup": "[red]x[/red]",
}
SURFACES: dict[str, tuple[str, ...]] = {
    "command": ("{}",),
    "plan name": ("apply", "{}", "--yes"),
    "explained cycle": ("explain", "{}"),
    "replayed cycle": ("replay", "{}"),
    "policy": ("plan", "--policy", "{}"),
    "checked policy": ("check", "{}"),
    "cash": ("plan", "--cash", "{}", "--home", "fresh"),
    "from": ("plan", "--from", "{}", "--home", "fresh"),
    "until": ("run", "--until", "{}"),
    "seed": ("plan", "--seed", "{}"),
    "data": ("plan", "--data", "{}", "--home", "fresh"),
    "cycles": ("run", "--cycles", "{}"),
    "limit": ("history", "--limit", "{}"),
    "spot": ("whatif", "--spot", "{}"),
    "move": ("whatif", "--move={}"),
    "hedge": ("whatif", "--hedge", "{}"),
    "leverage": ("whatif", "--leverage", "{}"),
    "format": ("journal", "export", "out", "--format", "{}"),
    "core": ("init", "--yes", "--core", "{}"),
    "assets": ("init", "--yes", "--assets", "{}"),
    "margin": ("init", "--yes", "--margin", "{}"),
    "init hedge": ("init", "--yes", "--hedge", "{}"),
    "schedule": ("init", "--yes", "--schedule", "{}"),
    "profile": ("init", "--yes", "--profile", "{}"),
}


def put_in(words: tuple[str, ...], hostile: str) -> list[str]:
    """The words with the hostile one in its place."""
    return [word.replace("{}", hostile) for word in words]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which a stray file would be seen."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("words", SURFACES.values(), ids=SURFACES)
def test_hostile_words_are_refused_in_plain_words(words: tuple[str, ...], hostile: str, home: Path) -> None:
    """Usage or setting, or no such cycle; never "unforeseen", never a control character."""
    well("plan")
    told = poise(*put_in(words, hostile))
    assert told.code in {1, 4, 64, 65}, told.said
    assert "unforeseen" not in told.err
    assert "Traceback" not in told.err
    assert is_printable(told.said), repr(told.said)
    assert len(told.err) < 2_500
    assert orders_sent() == 0
    assert not (home / "policy.toml").exists()


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("deed", ["pause", "kill"])
def test_a_hostile_reason_stops_trading_all_the_same(deed: str, hostile: str) -> None:
    """The switch is thrown whatever the reason says; it is shown, not obeyed, wherever it is shown."""
    for words in ((deed, "--reason", hostile), ("status",), ("plan",), ("run", "--cycles", "1")):
        told = poise(*words)
        assert is_printable(told.said), repr(told.said)
    assert poise("run", "--cycles", "1").code == 7
    assert well("status", "--json").body["state"] == "halted"


@pytest.mark.parametrize("hostile", [word for word in HOSTILE.values() if word.strip()], ids=lambda word: word[:8])
def test_a_hostile_home_is_a_folder_or_an_error(hostile: str, elsewhere: Path) -> None:
    """A name the file system takes is a name; nothing lands above the working folder."""
    told = poise("plan", "--home", f"{elsewhere}/{hostile.replace('..', 'up')}")
    assert told.code in {0, 65}, told.said
    assert is_printable(told.said), repr(told.said)
    assert "unforeseen" not in told.err


@pytest.mark.parametrize(
    "words", [("journal", "backup", "{}"), ("journal", "export", "{}"), ("init", "--yes", "-o", "{}")]
)
@pytest.mark.parametrize("hostile", [HOSTILE["escape"], HOSTILE["long"], HOSTILE["newline"], HOSTILE["surrogate"]])
def test_a_hostile_file_name_is_written_or_refused(words: tuple[str, ...], hostile: str, elsewhere: Path) -> None:
    """And shown without its control characters."""
    well("plan")
    told = poise(*put_in(words, f"{elsewhere}/{hostile}"))
    assert told.code in {0, 4, 65}, told.said
    assert is_printable(told.said), repr(told.said)
    assert "unforeseen" not in told.err


def test_bytes_that_are_no_text_on_a_real_command_line() -> None:
    """As a shell would hand them over."""
    told = process("explain", "x\udcff\udcfe")
    assert told.code == 65
    assert "Traceback" not in told.err


def test_a_password_in_the_database_address_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is not there: every command names it, none its password."""
    monkeypatch.setenv("POISE_DATABASE_URL", "postgresql://poise:s3cr3t-word@127.0.0.1:1/poise")
    for words in (
        ("plan",),
        ("status",),
        ("history",),
        ("journal", "verify"),
        ("run", "--cycles", "1"),
        ("pause",),
        ("resume",),
    ):
        for form in ((), ("--json",), ("--debug",)):
            told = poise(*words, *form)
            assert "s3cr3t-word" not in told.said, words
            assert "127.0.0.1" in told.said, told.said


def test_a_database_nobody_knows_is_a_setting_not_a_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Oracle, nonsense, a port that is none, a password with a slash: it stays unseen."""
    for address in (
        "oracle://u:s3cr3t-word@h/d",
        "://",
        "postgresql://u:s3cr3t-word/more@h/d",
        "postgresql://u:s3cr3t-word@h:port/d",
        "mysql://u:s3cr3t-word@h/d",
    ):
        monkeypatch.setenv("POISE_DATABASE_URL", address)
        told = poise("plan")
        assert told.code in {4, 65}, told.said
        assert "unforeseen" not in told.err, told.err
        assert "s3cr3t-word" not in told.said
