"""A heartbeat: a file the loop touches, whose age says whether it lives."""

import asyncio
import os
from pathlib import Path

BEAT_SECONDS = 30


def beat(path: Path) -> None:
    """Mark this moment."""
    path.touch(exist_ok=True)
    os.utime(path)


async def keep_beating(path: Path) -> None:
    """Mark a moment twice a minute until cancelled: a loop that hangs stops this too."""
    while True:
        beat(path)
        await asyncio.sleep(BEAT_SECONDS)


def seconds_since(path: Path) -> int | None:
    """Return the whole seconds since the last beat by the file system's clock, None when there was none."""
    try:
        then = path.stat().st_mtime
    except FileNotFoundError:
        return None
    probe = path.with_suffix(".probe")
    beat(probe)
    now = probe.stat().st_mtime
    probe.unlink()
    return int(now - then)
