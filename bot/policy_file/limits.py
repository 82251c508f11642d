"""The [limits] section: two profiles of defaults, and the bounds within which a file may change them.

The numbers are those of RELIABILITY section 5. Where its table has one number for large and another for
small coins (RC6, RC7) the stricter one is taken, for Limits has one.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from bot.domain.policy import Limits
from bot.policy_file.faults import figure, shown
from bot.policy_file.page import Allowed, Page

RETAIL = "retail"
SMALL_FUND = "small-fund"
PROFILES = (RETAIL, SMALL_FUND)

EQUITY = "a share of equity"
COUNT = "a whole number"
SECONDS = "seconds"
MONEY = "an amount of the quote currency"
FRACTIONS = "a share"


class Row(NamedTuple):
    """One limit: its unit, its bounds, and its default in each profile."""

    what: str
    low: str
    high: str
    retail: str
    small_fund: str


ROWS: dict[str, Row] = {
    "min_volume_24h": Row(MONEY, "0", "1000000000000", "10000000", "50000000"),  # RC3
    "max_order_value": Row(MONEY, "1", "1000000000", "2000", "50000"),  # RC4: the smaller of the two counts
    "max_order_share": Row(EQUITY, "0.001", "0.5", "0.05", "0.02"),  # RC4
    "max_order_volume_share": Row("a share of the 24 h volume", "0.0001", "0.1", "0.01", "0.005"),  # RC5
    "max_order_depth_share": Row("a share of the depth within 25 bp", "0.01", "1", "0.20", "0.10"),  # RC5
    "price_collar": Row("a share of the price", "0.0005", "0.1", "0.01", "0.005"),  # RC6
    "max_price_jump": Row("a share of the price", "0.005", "0.5", "0.05", "0.03"),  # RC7
    "jump_window_seconds": Row(SECONDS, "1", "86400", "60", "60"),  # RC7
    "max_quote_age_seconds": Row(SECONDS, "1", "300", "10", "5"),  # RC8
    "max_mark_index_gap": Row("a share of the index price", "0.0005", "0.1", "0.01", "0.005"),  # RC8
    "max_spread": Row("a share of the price", "0.0001", "0.05", "0.005", "0.0025"),  # RC8: 50 bp, 25 bp
    "max_exposure_over_band": Row(EQUITY, "0", "0.5", "0.05", "0.02"),  # RC9
    "max_gross_leverage": Row("futures notional over equity", "0", "3", "1.0", "1.5"),  # RC10
    "max_leverage_setting": Row("the venue's leverage setting", "1", "5", "3", "5"),  # RC11
    "max_hedge_ratio": Row("a share of the core's coins", "0", "1", "1", "1"),  # RC12
    "min_liquidation_distance": Row("a share of the mark price", "0.15", "0.9", "0.40", "0.30"),  # RC13
    # RC14 has 5 % for the first 30 days, then this; a file of a beginner may say 0.05 by itself.
    "max_futures_margin_share": Row(EQUITY, "0", "0.5", "0.20", "0.25"),
    "max_open_order_share": Row(EQUITY, "0.001", "1", "0.10", "0.05"),  # RC15
    "max_open_orders_per_symbol": Row(COUNT, "1", "100", "4", "4"),  # RC15
    "max_open_orders": Row(COUNT, "1", "1000", "20", "40"),  # RC15
    "max_repeats": Row(COUNT, "1", "100", "3", "3"),  # RC16
    "repeat_window_minutes": Row("whole minutes", "1", "1440", "15", "15"),  # RC16
    "max_orders_per_minute": Row(COUNT, "1", "300", "10", "30"),  # RC17
    "max_orders_per_hour": Row(COUNT, "1", "3000", "60", "300"),  # RC17
    "max_orders_per_day": Row(COUNT, "1", "20000", "300", "2000"),  # RC17
    "duplicate_window_seconds": Row(SECONDS, "0", "3600", "60", "60"),  # RC18
    "max_unresolved": Row(COUNT, "1", "10", "3", "2"),  # RC19: this many freeze the account
    "max_daily_turnover": Row(EQUITY, "0.01", "5", "0.30", "0.50"),  # RC20
    "max_daily_loss": Row("a share of the day's opening value", "0.001", "0.5", "0.05", "0.03"),  # RC21
    "max_drawdown": Row("a share of the peak", "0.01", "0.9", "0.15", "0.10"),  # RC21
    "unexplained_value": Row(MONEY, "0", "1000000", "20", "100"),  # RC22: the larger of the two counts
    "unexplained_share": Row(EQUITY, "0", "0.05", "0.005", "0.001"),  # RC22
    "max_snapshot_age_seconds": Row(SECONDS, "1", "300", "15", "10"),  # RC23
    "plan_ttl_seconds": Row(SECONDS, "5", "3600", "60", "30"),  # RC24
    "max_plan_price_drift": Row("a share of the planned price", "0.0001", "0.05", "0.005", "0.0025"),  # RC24
    "approval_above": Row(EQUITY, "0", "2", "0.10", "0.05"),  # RC25
    "max_slippage": Row("a share of the price", "0.0001", "0.05", "0.003", "0.0015"),  # RC26
    "max_cost_share": Row("a share of the deviation corrected", "0.01", "1", "0.25", "0.25"),  # RC27
    "min_funding_apr": Row("a yearly share, negative", "-5", "0", "-0.30", "-0.20"),  # RC28
    "min_days_to_expiry": Row("days", "0", "90", "3", "5"),  # RC29
    "min_days_since_listing": Row("days", "0", "3650", "30", "90"),  # RC29
    "max_peg_gap": Row("a share of 1", "0.0005", "0.1", "0.01", "0.005"),  # RC30
    "max_daily_transfer": Row(EQUITY, "0", "1", "0.10", "0.20"),  # RC37
    "max_clock_offset_seconds": Row(SECONDS, "0.05", "5", "1", "0.5"),  # RC39
}
HARD_CAPS = {RETAIL: {"max_gross_leverage": "2"}, SMALL_FUND: {"max_gross_leverage": "3"}}
WHOLE = frozenset(name for name, kind in Limits.__annotations__.items() if kind is int)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Two limits of which the first must not exceed the second."""

    smaller: str
    larger: str


IN_ORDER = (
    _Order(smaller="max_order_share", larger="max_open_order_share"),
    _Order(smaller="max_open_orders_per_symbol", larger="max_open_orders"),
    _Order(smaller="max_orders_per_minute", larger="max_orders_per_hour"),
    _Order(smaller="max_orders_per_hour", larger="max_orders_per_day"),
    _Order(smaller="max_daily_loss", larger="max_drawdown"),
)


def profile_defaults(profile: str) -> dict[str, Decimal]:
    """Return every limit's default in the profile."""
    return {name: Decimal(row.retail if profile == RETAIL else row.small_fund) for name, row in ROWS.items()}


def allowed_limit(name: str, profile: str) -> Allowed:
    """Return what the limit may be in the profile."""
    row = ROWS[name]
    high = HARD_CAPS[profile].get(name, row.high)
    return Allowed(
        what=row.what,
        low=Decimal(row.low),
        high=Decimal(high),
        example=row.retail if profile == RETAIL else row.small_fund,
        whole=name in WHOLE,
        fraction="share" in row.what,
    )


def read_limits(page: Page) -> Limits | None:
    """Return the limits: the profile's, changed by the file; None, with faults, when one cannot be."""
    section = ("limits",)
    if page.table(section, f'a section [limits] with profile = "{RETAIL}"') is None:
        return None
    page.known_keys(section, ("profile", *ROWS))
    profile = _profile(page)
    numbers: dict[str, Decimal] = {}
    for name, default in profile_defaults(profile or RETAIL).items():
        number = page.number((*section, name), allowed_limit(name, profile or RETAIL), default)
        if number is not None:
            numbers[name] = number
    for order in IN_ORDER:
        _check_order(page, order, numbers)
    if profile is None or len(numbers) < len(ROWS):
        return None
    counts = {name: int(number) for name, number in numbers.items() if name in WHOLE}
    return Limits(**(numbers | counts))  # type: ignore[arg-type]


def _profile(page: Page) -> str | None:
    path = ("limits", "profile")
    found = page.value(path)
    if found in PROFILES:
        return str(found)
    if found is None:
        page.missing(path, f'profile = "{RETAIL}"')
    else:
        page.blame(path, f'is {shown(found)}; allowed: "{RETAIL}" or "{SMALL_FUND}"; write: profile = "{RETAIL}"')
    return None


def _check_order(page: Page, order: _Order, numbers: dict[str, Decimal]) -> None:
    """Blame a limit that another one makes unreachable; the file's own line is the one to blame."""
    smaller, larger = numbers.get(order.smaller), numbers.get(order.larger)
    if smaller is None or larger is None or smaller <= larger:
        return
    given = page.value(("limits", order.smaller)) is not None
    path = ("limits", order.smaller if given else order.larger)
    page.blame(
        path,
        f"makes {order.smaller} {figure(smaller)} exceed {order.larger} {figure(larger)}, so it could never be used; "
        f"write {order.smaller} = {figure(larger)} or {order.larger} = {figure(smaller)}",
    )
