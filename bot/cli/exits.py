"""What the process says with its exit code, and how an error reads."""

import json
import sys
from enum import IntEnum

from bot.errors import (
    JournalFault,
    NumberRefused,
    OrderRejected,
    OutcomeUnknown,
    PlanStale,
    PoiseError,
    PolicyRefused,
    SettingsRefused,
    TradingStopped,
)


class ExitCode(IntEnum):
    """The codes scripts may rely on; they never change their meaning."""

    DONE = 0
    ERROR = 1
    CHANGES_PENDING = 2
    REFUSED = 3
    PREFLIGHT = 4
    IN_PART = 5
    STALE = 6
    STOPPED = 7
    USAGE = 64
    CONFIGURATION = 65
    CANCELLED = 130


_CODES: tuple[tuple[type[PoiseError], ExitCode], ...] = (
    (PolicyRefused, ExitCode.CONFIGURATION),
    (SettingsRefused, ExitCode.CONFIGURATION),
    (NumberRefused, ExitCode.CONFIGURATION),
    (PlanStale, ExitCode.STALE),
    (TradingStopped, ExitCode.STOPPED),
    (OutcomeUnknown, ExitCode.IN_PART),
    (OrderRejected, ExitCode.IN_PART),
    (JournalFault, ExitCode.PREFLIGHT),
)


def code_of(error: PoiseError) -> ExitCode:
    """Return the exit code an error leads to."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.ERROR)


def printable(text: str, longest: int = 600) -> str:
    """Return text that is safe on a terminal: control characters shown, not obeyed, and of bounded length."""
    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({len(text)} characters)"


def tell(error: PoiseError, *, as_json: bool) -> ExitCode:
    """Print an error and its mend to stderr, as data to stdout when JSON was asked for; return its code."""
    code = code_of(error)
    faults = error.faults if isinstance(error, PolicyRefused) else ()
    if as_json:
        body = {"code": type(error).__name__, "message": error.message, "faults": list(faults), "mend": error.mend}
        sys.stdout.write(json.dumps({"schema": "poise.error/1", "ok": False, "exit": int(code), "error": body}) + "\n")
        return code
    lines = [f"error: {printable(error.message)}", *(f"  {printable(fault)}" for fault in faults)]
    if error.mend:
        lines.append(f"help:  {printable(error.mend)}")
    sys.stderr.write("\n".join(lines) + "\n")
    return code
