"""What an examination found: one line each, with the mend where there is something to mend."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a finding stands: fine, to be looked at, or in the way of trading."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at, what was found, and what to do about it; `mend` is empty where nothing is to be done."""

    subject: str
    level: Level
    told: str
    mend: str = ""


def ok(subject: str, told: str) -> Finding:
    """Return a finding that is fine."""
    return Finding(subject=subject, level=Level.OK, told=told)


def warn(subject: str, told: str, mend: str) -> Finding:
    """Return a finding to be looked at."""
    return Finding(subject=subject, level=Level.WARN, told=told, mend=mend)


def fail(subject: str, told: str, mend: str) -> Finding:
    """Return a finding that is in the way of trading."""
    return Finding(subject=subject, level=Level.FAIL, told=told, mend=mend)
