"""A damaged home, a full disk, a newer journal: named, with the mend, and nothing is sent."""

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.shell import POISE, ROOT, Told, orders_sent, poise, well

SENDING = (("apply", "latest", "--yes"), ("run", "--cycles", "1"))


@pytest.fixture
def planned(home: Path) -> Path:
    """A home with one plan, nothing sent."""
    well("plan")
    return home


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"version": 1}',
        b'{"version": 99}',
        b'{"version": "x"}',
    ],
    ids=["empty", "cut", "list", "null", "bytes", "deep", "bare", "newer", "wrong"],
)
def test_a_damaged_account_is_named_and_left_alone(content: bytes, planned: Path) -> None:
    """The mend is a command; the file is not touched."""
    account = planned / "account.json"
    account.write_bytes(content)
    for words in (("plan",), ("status",), *SENDING):
        told = poise(*words)
        assert told.code == 65, told.said
        assert str(account) in told.err
        assert "help:  " in told.err
    assert account.read_bytes() == content
    assert orders_sent() == 0


def test_no_cut_of_the_account_passes_for_a_whole_one(planned: Path) -> None:
    """A file that ends early, at any of forty places."""
    account = planned / "account.json"
    whole = account.read_bytes()
    for length in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        account.write_bytes(whole[:length])
        assert poise("apply", "latest", "--yes").code == 65


def test_flipped_bytes_in_the_journal_are_found(planned: Path, tmp_path: Path) -> None:
    """Sixty times one written byte: `verify` names the row, or SQLite the damage; never a traceback."""
    well("apply", "latest", "--yes")
    with closing(sqlite3.connect(planned / "journal.db")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = (planned / "journal.db").read_bytes()
    chance = random.Random(7)
    written = [place for place, byte in enumerate(whole) if byte and place > 100]
    missed = 0
    for turn in range(60):
        home = tmp_path / f"home-{turn}"
        shutil.copytree(planned, home)
        place = chance.choice(written)
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        (home / "journal.db").write_bytes(damaged)
        told = poise("journal", "verify", "--home", str(home))
        assert told.code in {0, 4}, told.said
        assert "unforeseen" not in told.err, told.err
        missed += told.code == 0
    assert missed <= 6  # indexes and the slack between cells are no rows


@pytest.mark.parametrize(
    "spoil",
    [lambda b: b"not a database " * (len(b) // 15), lambda b: b[:5000], lambda b: b[:16] + b"\xff" * 4080 + b[4096:]],
)
def test_a_ruined_journal_stops_everything_that_sends(spoil: Callable[[bytes], bytes], planned: Path) -> None:
    """Exit 4, the file named, the runbook as the mend."""
    file = planned / "journal.db"
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (planned / "account.json").read_bytes()
    file.write_bytes(spoil(file.read_bytes()))
    for words in (*SENDING, ("plan",), ("journal", "verify")):
        told = poise(*words)
        assert told.code == 4, told.said
        assert "journal.db" in told.err
        assert "unforeseen" not in told.err
    assert (planned / "account.json").read_bytes() == before


def test_a_journal_of_a_newer_poise_is_left_alone(planned: Path) -> None:
    """It says which versions are meant, and does not try."""
    with closing(sqlite3.connect(planned / "journal.db", isolation_level=None)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("plan",), ("status",), ("history",), ("journal", "verify"), *SENDING):
        told = poise(*words)
        assert told.code == 4
        assert "9999" in told.err
        assert "newer Poise" in told.err


def test_someone_elses_database_is_not_written_to(home: Path) -> None:
    """Tables that are no journal."""
    with closing(sqlite3.connect(home / "journal.db", isolation_level=None)) as file:
        file.execute("CREATE TABLE photos (name TEXT)")
    told = poise("plan")
    assert told.code == 4
    assert "photos" in told.err


@pytest.mark.parametrize("command", [("plan",), ("run", "--cycles", "1"), ("pause",), ("init", "--yes"), ("history",)])
def test_a_file_in_place_of_the_home(command: tuple[str, ...], tmp_path: Path) -> None:
    """Setting, named, with POISE_HOME as the mend."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        told = poise(*command, "--home", str(place))
        assert told.code == 65
        assert str(tmp_path / "file") in told.err
        assert "POISE_HOME" in told.err


def with_little_room(room: int, *words: str) -> Told:
    """Run a command whose files may not grow beyond `room` bytes, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it writes too
    done = subprocess.run(
        [*POISE, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=unmeasured,
        timeout=60,
        check=False,
        preexec_fn=limit,
    )
    return Told(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 1_000, 40_000])
def test_a_full_disk_before_the_first_word(room: int, home: Path) -> None:
    """No journal, no plan, no order."""
    for words in (("plan",), ("run", "--cycles", "2")):
        told = with_little_room(room, *words)
        assert told.code in {4, 65}, told.said
        assert told.err.splitlines()[-1].startswith("help:  ")
        assert "Traceback" not in told.err
        assert "unforeseen" not in told.err
    well("run", "--cycles", "1")
    well("journal", "verify")


@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_middle_of_an_apply(planned: Path) -> None:
    """Wherever it happens: an error that names the disk's file, a whole journal, and books that close afterwards."""
    seen = set()
    for turn, room in enumerate(range(120_000, 420_000, 40_000)):
        home = planned.parent / f"home-{turn}"
        shutil.copytree(planned, home)
        with closing(sqlite3.connect(home / "journal.db")) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = with_little_room(room, "apply", "latest", "--yes", "--home", str(home))
        seen.add(told.code)
        assert told.code in {0, 4, 5, 65}, told.said
        assert "Traceback" not in told.err
        assert "unforeseen" not in told.err
        well("journal", "verify", "--home", str(home))
        body = well("run", "--cycles", "2", "--json", "--home", str(home)).body
        assert body["books"]["unexplained"] == 0, told.said
        assert well("status", "--json", "--home", str(home)).body["unresolved"] == 0
    assert seen - {0}


def test_a_home_only_its_owner_reads(tmp_path: Path) -> None:
    """Folder 0700; journal, account and lock 0600."""
    place = tmp_path / "new"
    well("run", "--cycles", "1", "--home", str(place))
    assert place.stat().st_mode & 0o777 == 0o700
    for name in ("journal.db", "account.json"):
        assert (place / name).stat().st_mode & 0o077 == 0
