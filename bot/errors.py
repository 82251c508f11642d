"""Every exception Poise raises on purpose, drawn as one tree.

PoiseError
├── NumberRefused         a number that cannot be a price, a quantity or a balance
├── PolicyRefused         a policy file with faults, all of them listed
├── SettingsRefused       a setting, path or option that cannot work
│   ├── CredentialsMissing    no place has keys for the account
│   └── CredentialsRefused    keys that must not be used, or a place that is not safe for them
├── SnapshotUnavailable   a part of the observation is missing, stale or absurd
├── OrderRejected         the venue's definite no, with its code
├── OutcomeUnknown        sent, and nobody knows what happened
├── RequestForbidden      stopped before it left: it is not on the mode's list
├── AnswerUnclear         an answer came that says nothing
├── PlanRefused           a saved plan that cannot be applied
│   └── PlanStale         the world moved after it was made
├── TradingStopped        paused, killed, or held by another process
│   └── AccountHeld
└── JournalFault          the journal cannot be read or written
    ├── JournalCorrupt
    ├── JournalNewer
    └── JournalUnwritable

An expected no is a value (`Denied`, `Breach`); an exception is a broken promise.
Every message says what happened and with which value; `mend` says what to do.
"""


class PoiseError(Exception):
    """The root: something a person can read, with the mend beside it."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


class NumberRefused(PoiseError):
    """A value is not finite, has the wrong sign, or is not a number at all."""


class PolicyRefused(PoiseError):
    """A policy file has faults; `faults` holds one line for each."""

    def __init__(self, message: str, *, faults: tuple[str, ...] = (), mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.faults = faults


class SettingsRefused(PoiseError):
    """A setting, a path or an option cannot work as given."""


class CredentialsMissing(SettingsRefused):
    """No place that may hold keys has any for the account."""


class CredentialsRefused(SettingsRefused):
    """Keys were found that must not be used, or the place they lie in is not safe. Nothing of them is told."""


class SnapshotUnavailable(PoiseError):
    """The observation is incomplete; `part` names what is missing."""

    def __init__(self, message: str, *, part: str, mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.part = part


class OrderRejected(PoiseError):
    """The venue certainly did not accept the order; `code` is its word for why."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class OutcomeUnknown(PoiseError):
    """A request left and no answer settles what became of it. Never send it again: look.

    `taken`: the venue said that it has the order, and not yet what became of it.
    """

    def __init__(self, message: str, *, taken: bool = False) -> None:
        super().__init__(message)
        self.taken = taken


class RequestForbidden(PoiseError):
    """A request was stopped before it left: its host, path, headers or moment are not allowed."""


class AnswerUnclear(PoiseError):
    """An answer came that says nothing: what it was asked may or may not have happened."""


class PlanRefused(PoiseError):
    """A saved plan cannot be applied: unknown, altered, or applied already."""


class PlanStale(PlanRefused):
    """The balances, positions, prices, policy or clock moved after the plan was made."""


class TradingStopped(PoiseError):
    """Paused or killed: nothing is sent until a person resumes."""


class AccountHeld(TradingStopped):
    """Another process holds the right to send for this account."""


class JournalFault(PoiseError):
    """The journal cannot do what was asked; then nothing is sent."""


class JournalCorrupt(JournalFault):
    """The journal was edited, has a gap, or its file is damaged."""


class JournalNewer(JournalFault):
    """The journal was written by a newer Poise than this one."""


class JournalUnwritable(JournalFault):
    """The journal cannot be written: disk full, locked, or read-only."""
