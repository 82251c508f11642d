"""The heartbeat's file: its age by the clock of the file system."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from bot.beat import beat, keep_beating, seconds_since


def test_nothing_has_beaten_yet(tmp_path: Path) -> None:
    """None, not zero."""
    assert seconds_since(tmp_path / "heartbeat") is None


def test_a_beat_is_young(tmp_path: Path) -> None:
    """And leaves nothing but its file."""
    beat(tmp_path / "heartbeat")
    assert seconds_since(tmp_path / "heartbeat") == 0
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["heartbeat"]


def test_an_old_beat_tells_its_age(tmp_path: Path) -> None:
    """Five minutes in whole seconds; beating again makes it young."""
    file = tmp_path / "heartbeat"
    beat(file)
    then = file.stat().st_mtime - 300
    os.utime(file, (then, then))
    assert seconds_since(file) in {300, 301}
    beat(file)
    assert seconds_since(file) == 0


async def test_it_beats_at_once_and_until_cancelled(tmp_path: Path) -> None:
    """The first beat is not thirty seconds away."""
    task = asyncio.create_task(keep_beating(tmp_path / "heartbeat"))
    await asyncio.sleep(0)
    assert seconds_since(tmp_path / "heartbeat") == 0
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
