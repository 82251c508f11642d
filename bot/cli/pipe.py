"""Output nobody reads any more must not stop work half done: it is dropped, and said at the end when it matters."""

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Unbreakable(io.FileIO):
    """A file descriptor that, once it cannot be written, swallows what follows; `failed` keeps why.

    An apply whose reader went away (`| head -1`) or whose disk is full goes on to its last leg: stopping
    between a sale and its hedge would cost more than a lost line.
    """

    failed: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or drop what cannot be written; return how much was taken."""
        try:
            return super().write(data) or 0
        except OSError as error:
            self.failed = self.failed or error
            return memoryview(data).nbytes


def unbreakable_output() -> Unbreakable:
    """Put unbreakable streams in place of stdout and stderr; return the one below stdout."""
    under, stdout = _wrapped(1, sys.__stdout__)
    _, stderr = _wrapped(2, sys.__stderr__)
    sys.stdout, sys.stderr = stdout, stderr
    return under


def _wrapped(number: int, old: io.TextIOWrapper | None) -> tuple[Unbreakable, io.TextIOWrapper]:
    """Return a stream like the old one over an unbreakable descriptor; a closed one leads nowhere."""
    if old is None:
        number = os.open(os.devnull, os.O_WRONLY)
    raw = Unbreakable(number, "w", closefd=False)
    encoding, errors = (old.encoding, old.errors) if old else ("utf-8", "replace")
    text = io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=True)
    return raw, text
