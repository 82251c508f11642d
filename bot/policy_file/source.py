"""From a path to text and from text to values, every failure said in plain words."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path as FilePath

from bot.errors import PolicyRefused
from bot.policy_file.faults import Fault, escaped, quoted, source_text

LARGEST_FILE = 1_000_000
LONGEST_LINE = 20_000
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_WORDS = (
    ("Cannot overwrite", "the same key is given twice", "keep one of the two"),
    ("Duplicate inline table key", "the same key is given twice", "keep one of the two"),
    ("Cannot declare", "the same section is opened twice", "put all its keys under one heading"),
    ("Cannot mutate", "a section is opened again after it was closed", "put all its keys under one heading"),
    ("Expected '='", "a key without a value", "write: key = value"),
    ("Unclosed array", "a list [ … is not closed", "close it with ]"),
    ("Unclosed inline table", "a group { … is not closed on its line", "close it with } on the same line"),
    ("Unterminated string", "a text is not closed", 'close it with " on the same line'),
    ("Invalid initial character for a key", "a key cannot start like this", "use letters, digits, _ and -"),
    ("Invalid statement", "this is not a key, a [section] or a # comment", "write: key = value"),
    ("Illegal character", "a character that a text cannot hold", "delete it and type it again"),
    ("Found invalid character", "a character that cannot be used", "delete it and type it again"),
)
_BARE_WORD = re.compile(r"=\s*[A-Za-z][A-Za-z0-9_-]*\s*(#.*)?$")
_DECIMAL_COMMA = re.compile(r"=\s*\d+,\d+\s*(#.*)?$")
_POINT_FIRST = re.compile(r"=\s*-?\.\d")


def read_text(path: FilePath) -> str:
    """Return the text of a policy file; raise PolicyRefused when it is no readable UTF-8 file."""
    name = source_text(str(path))
    try:
        if path.is_dir():
            raise _refused(f"{name} is a folder, not a policy file", f"name a file in it: {name}/balanced.toml")
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(f"{name} is larger than 1 MB", "a policy is a page of text: check the path")
        return path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise _refused(f"there is no file {name}", _like(path)) from None
    except UnicodeDecodeError as error:
        mend = "save it as UTF-8 (in the editor: Save as, encoding UTF-8)"
        raise _refused(f"{name} is not UTF-8 text (byte {error.start})", mend) from None
    except (OSError, ValueError) as error:
        reason = escaped(getattr(error, "strerror", None) or str(error))
        raise _refused(f"{name} cannot be read: {reason}", "check the path and its permissions") from None


def _refused(message: str, mend: str) -> PolicyRefused:
    return PolicyRefused(message, faults=(f"{message}; {mend}",), mend=mend)


def _like(path: FilePath) -> str:
    """Return a mend that names the file of the folder that is meant, when one looks like it."""
    names = [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
    close = get_close_matches(path.name[:100], names, n=1)
    if close:
        return f"did you mean {source_text(str(path.parent / close[0]))}?"
    return "poise init writes a policy after five questions"


def read_toml(text: str) -> Mapping[str, object] | Fault:
    """Return the values of a TOML text, numbers as int or Decimal, or the fault that ends the reading."""
    number = next((n for n, line in enumerate(text.split("\n"), 1) if len(line) > LONGEST_LINE), None)
    if number is not None:
        return Fault(path=(), line=number, says=f"is longer than {LONGEST_LINE} characters; break or delete that line")
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:
        return Fault(path=(), line=None, says="is nested too deeply; a policy needs three levels at most")
    except ValueError as error:
        return _syntax_fault(text, str(error))


def _decimal(text: str) -> Decimal:
    """Return the exact Decimal; NaN, which every check refuses, where the exponent is beyond all use."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _syntax_fault(text: str, message: str) -> Fault:
    place = _PLACE.search(message)
    if place is None:
        return Fault(path=(), line=None, says=f"is not TOML: {escaped(message, 80)}; correct or delete that value")
    lines = text.replace("\r\n", "\n").split("\n")
    line = int(place[1]) if place[1] else len(lines)
    content = lines[line - 1].strip() if line <= len(lines) else ""
    what, mend = _plain_words(message[: place.start()], content)
    column = f"column {place[2]}" if place[2] else "end of the file"
    content = content.split(" #")[0].strip()
    reads = f"; the line reads {quoted(content)}" if content else ""
    return Fault(path=(), line=line, says=f"{column}: {what}{reads}; {mend}")


def _plain_words(message: str, content: str) -> tuple[str, str]:
    if "%" in content.split("#", maxsplit=1)[0]:
        return "a percent sign", "write a fraction: 70% is 0.70"
    if _DECIMAL_COMMA.search(content):
        return "a decimal comma", "write a point: 0.70"
    if _POINT_FIRST.search(content):
        return "a number that starts with a point", "write the zero: 0.70"
    if _BARE_WORD.search(content):
        return "a word without quotes", 'put text in double quotes: quote = "USDT"'
    for start, what, mend in _WORDS:
        if message.startswith(start):
            return what, mend
    return f"not TOML ({escaped(message, 80)})", "write: key = value"
