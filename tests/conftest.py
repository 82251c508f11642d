"""What every test gets: a home of its own, no settings from outside, and repeatable chance."""

import decimal
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "poise",
    deadline=None,
    derandomize="CI" in os.environ,  # in CI the same examples each time; at a desk, new ones
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("poise")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one PostgreSQL in one worker: a server for each would cost more than they save."""
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.xdist_group("postgres"))


@pytest.fixture(autouse=True)
def _exact() -> None:
    """Begin with the usual decimal context: bare ccxt, which some tests drive, changes the one it finds."""
    decimal.setcontext(decimal.Context())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty Poise home; no POISE_ variable of the caller reaches a test."""
    for name in [name for name in os.environ if name.startswith("POISE_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "poise-home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("POISE_HOME", str(folder))
    return folder
