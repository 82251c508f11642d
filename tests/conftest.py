"""What every test gets: a home of its own, no settings from outside, and repeatable chance."""

import decimal
import os
import signal
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

# What a shell starts in the background inherits a deaf ear for Ctrl-C, and would hand it on to every Poise tested here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Whose lines other tests run too, and which take two to four times as long where each line is counted.
UNCOUNTED = (
    "tests/architecture/",
    "tests/emulator/",
    "tests/integration/test_examples.py",
    "tests/integration/test_processes",
    "tests/integration/test_recorded_run.py",
    "tests/properties/test_goals.py",
    "tests/unit/signals/test_recorded_past.py",
    "tests/venues/test_fault_matrix",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one PostgreSQL in one worker, for a server each would cost more; count no line in UNCOUNTED."""
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.xdist_group("postgres"))
        if item.nodeid.startswith(UNCOUNTED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _uncounted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes that a test starts count their lines only where the test does."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


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
