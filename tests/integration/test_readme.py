"""Pages show what the commands print: each command is given again, in order, and compared letter by letter."""

import os
import re
from pathlib import Path

import pytest

from bot.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"<!-- poise (?P<command>[^>]*) -->\n```\n(?P<printed>.*?)```\n", re.DOTALL)


@pytest.mark.parametrize(
    ("page", "commands"), [("README.md", 2), pytest.param("docs/whole-book.md", 5, marks=pytest.mark.slow)]
)
def test_a_page_shows_what_the_commands_print(page: str, commands: int, capsys: pytest.CaptureFixture[str]) -> None:
    """`README=write pytest tests/integration/test_readme.py` brings them up to date."""
    file = ROOT / page
    text = file.read_text(encoding="utf-8")

    def printed(shown: re.Match[str]) -> str:
        assert run(shown["command"].split()) == 0
        lines = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
        return f"<!-- poise {shown['command']} -->\n```\n{lines}\n```\n"

    again = SHOWN.sub(printed, text)
    if os.environ.get("README") == "write":
        file.write_text(again, encoding="utf-8")
    assert again == text or os.environ.get("README") == "write"
    assert len(SHOWN.findall(text)) == commands
