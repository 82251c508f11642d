"""The short sections: [reserve], [schedule], and the keys at the top."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import ReserveRules, Schedule
from bot.policy_file.faults import escaped, quoted, shown
from bot.policy_file.hedge import HEDGE_KEYS
from bot.policy_file.page import ASSET, Allowed, Page, asset_fault

TOP_KEYS = ("name", "quote", "core", "hedge", "carry", "tactical", "sweep", "reserve", "schedule", "limits")
RESERVE_KEYS = ("minimum", "assets")
SCHEDULE_KEYS = ("cron", "poll_seconds", "cooldown_hours")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
QUOTE = re.compile(r"[A-Z0-9]{1,10}")
CRON = re.compile(r"[0-9A-Za-z*/,#-]+( +[0-9A-Za-z*/,#-]+){4}")
CRON_FIELDS = 5
CRON_LONGEST = 100
CRON_EXAMPLE = '"5 0,8,16 * * *"'
ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)

MINIMUM = Allowed(what="a share of equity", low=ZERO, high=ONE, fraction=True, example="0.05")
POLL = Allowed(what="whole seconds", low=Decimal(10), high=Decimal(86_400), whole=True, example="60")
COOLDOWN = Allowed(what="hours", low=ZERO, high=Decimal(720), example="6")


def read_top(page: Page) -> tuple[str, str] | None:
    """Return the policy's name and quote currency; None, with faults, when one is missing or wrong."""
    elsewhere: dict[str, str] = {}
    for section, keys in (("schedule", SCHEDULE_KEYS), ("hedge", HEDGE_KEYS), ("core", ("band", "assets"))):
        elsewhere |= dict.fromkeys(keys, f"it belongs under [{section}]")
    page.known_keys((), TOP_KEYS, elsewhere)
    name = page.text(("name",), NAME, "1 to 40 letters, digits, dots and dashes", '"balanced"')
    quote = page.text(("quote",), QUOTE, "1 to 10 capital letters and digits", '"USDT"')
    return None if name is None or quote is None else (name, quote)


def read_reserve(page: Page, quote: str | None, core: Collection[str]) -> ReserveRules | None:
    """Return the reserve's rules; None, with faults, when they are missing or wrong."""
    section = ("reserve",)
    if page.table(section, 'a section [reserve] with minimum = 0.05 and assets = ["USDT"]') is None:
        return None
    page.known_keys(section, RESERVE_KEYS)
    minimum = page.number((*section, "minimum"), MINIMUM)
    assets = _reserve_assets(page, quote or "USDT", core)
    return None if minimum is None or assets is None else ReserveRules(minimum=minimum, assets=assets)


def _reserve_assets(page: Page, quote: str, core: Collection[str]) -> tuple[str, ...] | None:
    path = ("reserve", "assets")
    found = page.value(path)
    example = f'assets = ["{quote}"]'
    if found is None:
        page.missing(path, example)
        return None
    if not isinstance(found, list) or not 1 <= len(found) <= 10 or not all(isinstance(n, str) for n in found):  # noqa: PLR2004
        page.blame(path, f"is {shown(found)}; allowed: a list of 1 to 10 names; write: {example}")
        return None
    wrong = [says for position, name in enumerate(found) if (says := _reserve_fault(found, position, core))]
    if quote not in found:
        wrong.append(f"lacks the quote currency {quote}; add it: {example}")
    for says in wrong:
        page.blame(path, says)
    return None if wrong else tuple(found)


def _reserve_fault(names: list[str], position: int, core: Collection[str]) -> str:
    name = names[position]
    if not ASSET.fullmatch(name):
        return f"holds {quoted(name)}, which {asset_fault(name)}"
    if name in names[:position]:
        return f"holds {name} twice; remove one"
    if name in core:
        return f"holds {name}, which is a core asset; a coin is one or the other; remove it from one of them"
    return ""


def read_schedule(page: Page) -> Schedule | None:
    """Return when cycles run; None, with faults, when a key is missing or wrong."""
    section = ("schedule",)
    if page.table(section, f"a section [schedule] with cron = {CRON_EXAMPLE} and cooldown_hours = 6") is None:
        return None
    page.known_keys(section, SCHEDULE_KEYS)
    cron = _cron(page)
    poll = page.whole((*section, "poll_seconds"), POLL)
    cooldown = page.number((*section, "cooldown_hours"), COOLDOWN)
    return None if cron is None or cooldown is None else Schedule(cron=cron, poll_seconds=poll, cooldown_hours=cooldown)


def _cron(page: Page) -> str | None:
    path = ("schedule", "cron")
    found = page.value(path)
    if found is None:
        page.missing(path, f"cron = {CRON_EXAMPLE}")
        return None
    wrong = cron_fault(found) if isinstance(found, str) else "is no text"
    if not wrong:
        return str(found)
    page.blame(
        path,
        f"is {shown(found)}; it {wrong}; allowed: minute hour day month weekday, in UTC; "
        f"write: cron = {CRON_EXAMPLE} (00:05, 08:05 and 16:05 each day)",
    )
    return None


def cron_fault(text: str) -> str:
    """Return what is wrong with a cron expression, or nothing."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 - only who reads a schedule pays for it

    fields = text.split()
    if len(text) > CRON_LONGEST:
        return f"is longer than {CRON_LONGEST} characters"
    if len(fields) != CRON_FIELDS:
        return f"has {len(fields)} fields where {CRON_FIELDS} are needed"
    if not CRON.fullmatch(text):
        return "holds characters that no schedule has"
    try:
        next(CronSim(text, ANY_TIME))
    except (CronSimError, StopIteration) as error:
        return f"cannot be read, or never comes ({escaped(str(error))})"
    return ""
