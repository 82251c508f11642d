"""What a venue is asked and what it answers, as it stands on the wire."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tests.emulator.core import Core

REAL_HOST = "x-real-host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. `query` and `body` are raw; header names are in lower case; `at_ms` is when it came, venue time."""

    method: str
    host: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    at_ms: int = 0

    @property
    def params(self) -> dict[str, str]:
        """The decoded query; of a name sent twice the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The decoded body of a form; empty for a body that is JSON."""
        if self.body[:1] in ("{", "["):
            return {}
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The decoded JSON of the body, None for an empty or undecodable one; numbers as Python's own."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: a text is sent as it is, anything else as JSON."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body, separators=(",", ":"))


class Refused(Exception):
    """A handler's no: the server sends `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text[:200])
        self.reply = reply


Handler = Callable[[Ask, "Core"], Reply]
Route = tuple[str, str]
