"""Pages as they were last approved: GOLDEN=write pytest … writes them anew, the diff is then read."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def matches(name: str, text: str) -> bool:
    """Whether `text` is the approved page of this name; with GOLDEN=write it becomes the approved one."""
    page = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        page.write_text(text, encoding="utf-8")
    assert page.read_text(encoding="utf-8").splitlines() == text.splitlines()
    return True
