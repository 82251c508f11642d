"""The envelope of data: versioned, one line, decimals as text."""

import json

from bot.report.envelope import envelope, error_envelope
from tests.builders import d


def test_a_body_travels_with_its_kind_and_version() -> None:
    """Scripts look at schema and ok first."""
    text = envelope("history", {"equity": d("1.50"), "none": None})
    assert text == '{"schema":"poise.history/1","ok":true,"body":{"equity":"1.5","none":null}}'


def test_a_person_may_have_it_indented() -> None:
    """The same document over several lines."""
    assert json.loads(envelope("plan", {"a": 1}, indent=True)) == json.loads(envelope("plan", {"a": 1}))
    assert "\n" in envelope("plan", {"a": 1}, indent=True)


def test_an_error_says_code_message_mend_and_exit() -> None:
    """A newline or an escape in the message stays inside the one line."""
    text = error_envelope("PlanStale", "moved\n\x1b[2J", mend="poise plan", leave=6)
    assert "\n" not in text
    assert "\x1b" not in text
    assert json.loads(text) == {
        "schema": "poise.error/1",
        "ok": False,
        "error": {"code": "PlanStale", "message": "moved\n\x1b[2J", "mend": "poise plan", "faults": [], "exit": 6},
    }
