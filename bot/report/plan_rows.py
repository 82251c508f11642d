"""The rows of the plan's table: figures of a sleeve line and its orders as words."""

from decimal import Decimal

from bot.report.batches import Batch, count_words, limit_words, order_words
from bot.report.figures import NONE, money, percent, plain_words, short_numbers, times
from bot.report.screen import Row
from bot.report.sleeves import SleeveLine

ORDER_ROOM = 38
COLOURS = {"+": "green", "~": "yellow", "-": "red", ">": "cyan"}


def band_words(line: SleeveLine) -> str:
    """Return a band in the fewest digits: 60–80%, 46.0–54.0%, ≥ 5%, 1.5–3x."""
    if line.low is None:
        return NONE
    if line.share_of == "wallet equity":
        return f"{line.low.normalize():f}–{times(line.high, 0) if _whole(line.high) else times(line.high, 1)}"
    places = 0 if _whole(line.low * 100) and (line.high is None or _whole(line.high * 100)) else 1
    if line.high is None:
        return f"≥ {percent(line.low, places)}"
    return f"{money(line.low * 100, places)}–{percent(line.high, places)}"


def _whole(number: Decimal | None) -> bool:
    return number is None or number == number.to_integral_value()


def _target(line: SleeveLine) -> str:
    if line.target is None:
        return ""
    return times(line.target, 1) if line.share_of == "wallet equity" else percent(line.target)


def _now(line: SleeveLine) -> str:
    if not line.share_of:
        return ""
    return times(line.now) if line.share_of == "wallet equity" else percent(line.now)


def rows_of(line: SleeveLine) -> list[Row]:
    """Return the rows of one line: its first order beside the figures, further ones below."""
    figures = (_now(line), band_words(line) if line.share_of else "", _target(line))
    if not line.batches:
        weight = "bold" if line.total else ""
        return [Row(cells=(_named("", line), *figures, line.says), notes=line.notes, style=weight)]
    rows = []
    for number, batch in enumerate(line.batches):
        last = number == len(line.batches) - 1
        words, notes = _order(batch)
        cells = (_named(batch.mark, line) if number == 0 else "", *(figures if number == 0 else ("", "", "")), words)
        rows.append(
            Row(cells=cells, notes=(*notes, *(line.notes if last else ())), style=COLOURS.get(batch.mark, "red"))
        )
    return rows


def _named(mark: str, line: SleeveLine) -> str:
    name = plain_words(line.name, 14)
    return name if line.total else f"{mark:1} {name}"


def _order(batch: Batch) -> tuple[str, tuple[str, ...]]:
    """Return a batch's order, and the dim lines below it: what did not fit, and why it is done."""
    words = [order_words(batch) if batch.approved else f"refused: {order_words(batch)}"]
    notes = []
    for more in (count_words(batch), limit_words(batch)):
        if not more:
            continue
        if len(" ".join([*words, more])) <= ORDER_ROOM:
            words.append(more)
        else:
            notes.append(more)
    notes.append(short_numbers(plain_words(batch.reason)))
    return " ".join(words), tuple(notes)
