"""Requests as they stood on the wire, written out so that a person can read them and a diff can tell them apart."""

import json
from collections.abc import Iterable

from tests.emulator.asks import Ask

# What is of one moment or one key: shown as there, never as it was.
MASKED = frozenset({"timestamp", "signature", "recvwindow", "apikey", "req_time"})
SIGNING = ("x-bapi-", "x-mbx-", "x-bx-", "access-", "x-mexc-", "apikey", "request-time", "signature")


def block(name: str, ask: Ask) -> str:
    """Return one request: its name, method, host and path, what signs it, then its parameters or body, sorted."""
    signing = sorted(key for key in ask.headers if key.startswith(SIGNING))
    lines = [f"── {name}", f"{ask.method} {ask.host}{ask.path}"]
    lines += [f"  {key}: ***" for key in signing]
    body = ask.json
    lines += [f"  ? {key} = {_shown(key, value)}" for key, value in sorted(ask.params.items())]
    if isinstance(body, dict):
        lines += [f"  {{}} {key} = {_shown(key, json.dumps(value))}" for key, value in sorted(body.items())]
    elif body is not None:
        lines.append(f"  {json.dumps(body)}")
    lines += [f"  & {key} = {_shown(key, value)}" for key, value in sorted(ask.form.items())]
    return "\n".join(lines)


def _shown(key: str, value: str) -> str:
    return "***" if key.lower() in MASKED else value


class Page:
    """Blocks of one session, each shape of request once, those of a step in the order of their text."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._known: set[str] = set()

    def add(self, name: str, asks: Iterable[Ask]) -> None:
        """Write the requests of one step that were not seen before."""
        fresh = {block("", ask): ask for ask in asks}
        for text, ask in sorted(fresh.items()):
            if text not in self._known:
                self._known.add(text)
                self._blocks.append(block(name, ask))

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return len(self._blocks)

    @property
    def text(self) -> str:
        """All blocks, an empty line between them."""
        return "\n\n".join(self._blocks) + "\n"
