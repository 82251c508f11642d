"""What is loaded, and when: `poise --help` must be quick."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

DATABASE = {"sqlmodel", "sqlalchemy", "alembic", "aiosqlite", "asyncpg", "pyarrow"}
HEAVY = DATABASE | {"ccxt", "pydantic", "tenacity"}


@pytest.mark.skipif(not (ROOT / "bot/cli/main.py").exists(), reason="the command line is not written yet")
def test_the_command_line_starts_light() -> None:
    """Importing bot.cli.main loads none of the heavy libraries: commands do, when they run."""
    program = "import sys, bot.cli.main; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split()
    assert "bot" in loaded
    assert set(loaded) & HEAVY == set()
