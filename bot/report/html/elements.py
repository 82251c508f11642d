"""Elements of HTML and SVG: everything that is not made here is escaped."""

from collections.abc import Iterable
from html import escape

from bot.report.figures import plain_words

LONGEST = 1_000_000  # letters of an attribute: a path has thousands
VOID = frozenset({"meta", "line", "rect", "path", "circle", "col"})


class Markup(str):
    """Text that is markup already, made by `tag`; any other text is escaped before it becomes some."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element; None children and attributes are left out.

    An attribute's name is written with _ for - and may end with one: class_, stroke_width.
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not children:
        return Markup(f"<{name}{named}>" if name in ("meta", "col") else f"<{name}{named}/>")
    return Markup(f"<{name}{named}>{joined(children)}</{name}>")


def joined(children: Iterable[object]) -> Markup:
    """Return children one after the other, escaped where they are plain text."""
    return Markup("".join(_child(child) for child in children if child is not None))


def _child(child: object) -> str:
    return child if isinstance(child, Markup) else escape(plain_words(child, 2_000), quote=False)


def _written(value: object) -> str:
    """Return an attribute's value, harmless; places on a drawing are cut to a tenth."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else plain_words(value, LONGEST)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], *, caption: str, total: str = "") -> Markup:
    """Return a table whose first column names the row and whose others are numbers; row `total` stands out."""
    head = tag("tr", *(tag("th", words, scope="col") for words in heads))
    body = []
    for row in rows:
        first, *others = row
        kind = "sum" if first == total else None
        body.append(tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in others), class_=kind))
    inner = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", inner, class_="scroll", tabindex="0", role="region", aria_label=caption)
