"""The README shows what the commands print: its two pages are made again and compared letter by letter."""

import os
import re
from pathlib import Path

import pytest

from bot.cli.main import run

README = Path(__file__).resolve().parents[2] / "README.md"
PAGE = re.compile(r"<!-- poise (?P<command>[^>]*) -->\n```\n(?P<printed>.*?)\n```\n", re.DOTALL)


def test_the_readme_shows_what_the_commands_print(capsys: pytest.CaptureFixture[str]) -> None:
    """`README=write pytest tests/integration/test_readme.py` brings it up to date."""
    text = README.read_text(encoding="utf-8")

    def printed(page: re.Match[str]) -> str:
        assert run(page["command"].split()) == 0
        lines = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
        return f"<!-- poise {page['command']} -->\n```\n{lines}\n```\n"

    again = PAGE.sub(printed, text)
    if os.environ.get("README") == "write":
        README.write_text(again, encoding="utf-8")
    assert again == text or os.environ.get("README") == "write"
    assert len(PAGE.findall(text)) == 2
