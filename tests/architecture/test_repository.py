"""The repository holds source: no data, no secrets, nothing of the machine it was written on."""

import re
import tomllib
from pathlib import Path

import pytest

import bot
from tests.architecture.sources import ROOT, tracked

DATA = {".csv", ".db", ".feather", ".gz", ".parquet", ".pickle", ".pkl", ".sqlite", ".zip", ".zst"}
LARGEST_KIB = 600
HOME_OF_A_PERSON = re.compile(r"(?<![\w.$}/])/(?:home|Users|root|work)/\w|[A-Z]:\\Users\\")
INDEX_HOST = re.compile(r"pypi\.org/simple|pythonhosted\.org|--(?:extra-)?index-url|--find-links")
KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b")


def below(file: Path) -> str:
    """Return the path below the root."""
    return file.relative_to(ROOT).as_posix()


def places(pattern: re.Pattern[str]) -> list[str]:
    """Return `path:line` for every match in a text file of the repository."""
    found = []
    for file in tracked():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{below(file)}:{number}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def test_no_data_is_kept() -> None:
    """Histories and databases live elsewhere."""
    assert [below(file) for file in tracked() if file.suffix in DATA] == []


def test_no_file_is_large() -> None:
    """Nothing here needs more than a few hundred KiB."""
    assert [below(file) for file in tracked() if file.stat().st_size > LARGEST_KIB * 1024] == []


@pytest.mark.parametrize("pattern", [HOME_OF_A_PERSON, KEY], ids=["home folder", "key"])
def test_nothing_of_a_person_is_kept(pattern: re.Pattern[str]) -> None:
    """No path of a developer's machine and no key stands in a file."""
    assert places(pattern) == []


def test_the_patterns_notice() -> None:
    """The patterns find what they are for, and leave the container's own folders alone."""
    assert HOME_OF_A_PERSON.search("see " + "/".join(["", "home", "ann", "poise"]))
    assert KEY.search("-----BEGIN " + "PRIVATE KEY-----")
    assert not HOME_OF_A_PERSON.search("/var/lib/poise ../shared/x docs/home/page")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_hashes_and_no_index(lock: str) -> None:
    """Every pin is exact and carries hashes; where packages come from is the installer's business."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not INDEX_HOST.search(text)
    pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9#]|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_locks_agree() -> None:
    """What is tested is what is run: each runtime pin stands in the development lock too."""
    run, dev = (
        set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert run - dev == set()


def test_every_dependency_is_locked_and_recorded() -> None:
    """Each run-time dependency stands in the lock, and its reason in the record of decisions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]]
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    reasons = (ROOT / "docs/decisions/0001-dependencies.md").read_text(encoding="utf-8")
    assert [name for name in names if f"\n{name}==" not in locked] == []
    assert [name for name in names if f"| {name} |" not in reasons] == []


def test_one_version() -> None:
    """The package and the project file say the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert bot.__version__ == project["version"]
