"""The short sections: [hedge], [reserve], [schedule], and the keys at the top."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Band, HedgeRules, ReserveRules, Schedule
from bot.policy_file.faults import escaped, quoted, shown
from bot.policy_file.page import ASSET, Allowed, Page, asset_fault

TOP_KEYS = ("name", "quote", "core", "hedge", "reserve", "schedule", "limits")
HEDGE_KEYS = ("ratio", "assets", "instrument", "outer", "inner", "leverage")
RESERVE_KEYS = ("minimum", "assets")
SCHEDULE_KEYS = ("cron", "poll_seconds", "cooldown_hours")
LATER = "comes with a later release; remove this section"

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
QUOTE = re.compile(r"[A-Z0-9]{1,10}")
CRON = re.compile(r"[0-9A-Za-z*/,#-]+( +[0-9A-Za-z*/,#-]+){4}")
CRON_FIELDS = 5
CRON_LONGEST = 100
CRON_EXAMPLE = '"5 0,8,16 * * *"'
ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)

RATIO = Allowed(
    what="a share of the core's delta", low=ZERO, high=ONE, fraction=True,
    example="{ low = 0.00, target = 0.15, high = 0.20 }",
)  # fmt: skip
LEVERAGE = Allowed(
    what="gross futures notional over futures wallet equity", low=Decimal("0.25"), high=Decimal(5),
    example="{ low = 1.5, target = 2, high = 3 }",
)  # fmt: skip
GAP = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.2"), fraction=True, above_low=True, example="0.01")
INNER_GAP = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.2"), fraction=True, example="0.005")
DEFAULT_LEVERAGE = Band(low=Decimal("1.5"), target=Decimal(2), high=Decimal(3))
MINIMUM = Allowed(what="a share of equity", low=ZERO, high=ONE, fraction=True, example="0.05")
POLL = Allowed(what="whole seconds", low=Decimal(10), high=Decimal(86_400), whole=True, example="60")
COOLDOWN = Allowed(what="hours", low=ZERO, high=Decimal(720), example="6")


def read_top(page: Page) -> tuple[str, str] | None:
    """Return the policy's name and quote currency; None, with faults, when one is missing or wrong."""
    elsewhere = {key: f"the {key} sleeve {LATER}" for key in ("tactical", "carry")}
    for section, keys in (("schedule", SCHEDULE_KEYS), ("hedge", HEDGE_KEYS), ("core", ("band", "assets"))):
        elsewhere |= dict.fromkeys(keys, f"it belongs under [{section}]")
    page.known_keys((), TOP_KEYS, elsewhere)
    name = page.text(("name",), NAME, "1 to 40 letters, digits, dots and dashes", '"balanced"')
    quote = page.text(("quote",), QUOTE, "1 to 10 capital letters and digits", '"USDT"')
    return None if name is None or quote is None else (name, quote)


def read_hedge(page: Page, assets: Collection[str]) -> HedgeRules | None:
    """Return the hedge's rules; None where there is no [hedge], or with faults."""
    section = ("hedge",)
    if page.table(section) is None:
        return None
    page.known_keys(section, HEDGE_KEYS)
    ratio = page.band((*section, "ratio"), RATIO)
    overrides = _overrides(page, assets)
    instrument = _instrument(page)
    outer = page.number((*section, "outer"), GAP, Decimal("0.01"))
    inner = page.number((*section, "inner"), INNER_GAP, Decimal("0.005"))
    leverage = page.band((*section, "leverage"), LEVERAGE, DEFAULT_LEVERAGE)
    if outer is not None and inner is not None and inner >= outer:
        path = (*section, "inner" if page.value((*section, "inner")) is not None else "outer")
        page.blame(path, f"makes inner {inner} and outer {outer}; inner must be smaller; write inner = {outer / 2}")
    if ratio is None or instrument is None or outer is None or inner is None or leverage is None:
        return None
    return HedgeRules(
        ratio=ratio, overrides=overrides, instrument=instrument, outer=outer, inner=inner, leverage=leverage
    )


def _overrides(page: Page, assets: Collection[str]) -> dict[str, Band]:
    path = ("hedge", "assets")
    if page.table(path) is None:
        return {}
    page.known_keys(path, assets)
    found = {asset: page.band((*path, asset), RATIO) for asset in assets if page.value((*path, asset)) is not None}
    return {asset: band for asset, band in found.items() if band is not None}


def _instrument(page: Page) -> Kind | None:
    path = ("hedge", "instrument")
    found = page.value(path)
    write = f'write: instrument = "{Kind.LINEAR_PERPETUAL}"'
    if found == Kind.LINEAR_PERPETUAL:
        return Kind.LINEAR_PERPETUAL
    if found is None:
        page.missing(path, f'instrument = "{Kind.LINEAR_PERPETUAL}"')
    elif found in tuple(Kind) and found != Kind.SPOT:
        page.blame(path, f"is {shown(found)}; hedging with {found} contracts comes with a later release; {write}")
    else:
        page.blame(path, f'is {shown(found)}; allowed: "{Kind.LINEAR_PERPETUAL}"; {write}')
    return None


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
