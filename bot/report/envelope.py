"""The envelope every command's data travels in: a versioned kind, whether it went well, and the body."""

import json
from collections.abc import Sequence
from typing import Any

from bot.canonical import to_plain

VERSION = 1


def envelope(kind: str, body: object, *, indent: bool = False) -> str:
    """Return {"schema": "poise.<kind>/1", "ok": true, "body": …} as text, without a newline at its end.

    `body` may hold domain values; decimals become text. One line, or indented for a person to read.
    """
    return _text({"schema": schema(kind), "ok": True, "body": to_plain(body)}, indent=indent)


def error_envelope(
    code: str, message: str, *, mend: str = "", leave: int = 1, faults: Sequence[str] = (), indent: bool = False
) -> str:
    """Return {"schema": "poise.error/1", "ok": false, "error": …} as text.

    `code` is the error's stable name, `mend` what to do, `leave` the process's exit code.
    """
    error = {"code": code, "message": message, "mend": mend, "faults": list(faults), "exit": leave}
    return _text({"schema": schema("error"), "ok": False, "error": error}, indent=indent)


def schema(kind: str) -> str:
    """Return the name and version of a kind of document: poise.plan/1."""
    return f"poise.{kind}/{VERSION}"


def _text(document: dict[str, Any], *, indent: bool) -> str:
    separators = None if indent else (",", ":")
    return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=2 if indent else None, separators=separators)
