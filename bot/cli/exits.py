"""What the process says with its exit code, and how an error reads."""

import sys
from enum import IntEnum

from bot.errors import (
    CredentialsMissing,
    CredentialsRefused,
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
    (CredentialsMissing, ExitCode.PREFLIGHT),
    (CredentialsRefused, ExitCode.PREFLIGHT),
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
    faults = error.faults if isinstance(error, PolicyRefused) else ()
    code, name = code_of(error), type(error).__name__
    return complain(error.message, error.mend, code, as_json=as_json, name=name, faults=faults)


def complain(
    message: str, mend: str, code: ExitCode, *, as_json: bool, name: str = "", faults: tuple[str, ...] = ()
) -> ExitCode:
    """Print what went wrong and the mend, as data or for people; return the code."""
    if as_json:
        from bot.report.envelope import error_envelope

        kind = name or code.name.lower()
        sys.stdout.write(error_envelope(kind, message, mend=mend, leave=int(code), faults=faults) + "\n")
        return code
    further = [fault for fault in faults if not fault.startswith(message)]
    lines = [f"error: {printable(message)}", *(f"  {printable(fault)}" for fault in further)]
    if mend:
        lines.append(f"help:  {printable(mend)}")
    sys.stderr.write("\n".join(lines) + "\n")
    return code
