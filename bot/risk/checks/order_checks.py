"""Is this one order sane? Checks of size, time and repetition."""

from datetime import timedelta
from decimal import Decimal

from bot.domain.order import OrderType, Side
from bot.domain.plan import Breach
from bot.risk.case import Case, Standing
from bot.risk.checks.control import Control, money, percent, plain
from bot.risk.market import Trade

Subject = tuple[Trade, Case]
SECOND, SECONDS_PER_DAY = timedelta(seconds=1), 86_400


def near_expiry(subject: Subject) -> Breach | None:
    """RC29: a contract about to expire is not opened; it may be closed, alone or in a roll."""
    trade = subject[0]
    market, expiry, limit = trade.market, trade.market.instrument.expiry, trade.market.limits.min_days_to_expiry
    if expiry is None or trade.order.reduce_only:
        return None
    days = Decimal((expiry - market.now) // SECOND) / SECONDS_PER_DAY
    if days >= limit:
        return None
    allowed = f"from {plain(limit)} days"
    return Breach(code="RC29", limit="min_days_to_expiry", allowed=allowed, actual=f"{days:.1f} days")


def large_order(subject: Subject) -> Breach | None:
    """RC04: the value of one order."""
    return _above("RC04", "max_order_value", subject[0].value, subject[0].market.limits.max_order_value)


def large_share(subject: Subject) -> Breach | None:
    """RC04: the value of one order as a share of the account's equity."""
    trade, case = subject
    bound = trade.market.limits.max_order_share * case.account.equity
    return _above("RC04", "max_order_share", trade.value, bound)


def large_for_volume(subject: Subject) -> Breach | None:
    """RC05: the value of one order against what the market trades in a day."""
    trade, case = subject
    volume, share = trade.market.quote.volume_24h, trade.market.limits.max_order_volume_share
    return _part_of("max_order_volume_share", volume, share, trade, case)


def large_for_depth(subject: Subject) -> Breach | None:
    """RC05: the value of one order against what rests within 25 bp on the side it takes."""
    trade, case = subject
    depth, share = trade.market.depth(trade.order.side), trade.market.limits.max_order_depth_share
    return _part_of("max_order_depth_share", depth, share, trade, case)


def _part_of(name: str, whole: Decimal | None, share: Decimal, trade: Trade, case: Case) -> Breach | None:
    """Return a breach above share × whole; not knowing the whole stops only what adds risk."""
    if whole is not None:
        return _above("RC05", name, trade.value, share * whole)
    if case.standing is not Standing.ADDS:
        return None
    return Breach(code="RC05", limit=name, allowed=f"{percent(share)} of a known amount", actual="unknown")


def _above(code: str, name: str, value: Decimal, bound: Decimal) -> Breach | None:
    if value <= bound:
        return None
    return Breach(code=code, limit=name, allowed=f"up to {money(bound)}", actual=money(value))


def repeated(subject: Subject) -> Breach | None:
    """RC16: the same side of one market again and again; the orders of this plan count once it is sent."""
    trade, case = subject
    limits = trade.market.limits
    count = case.account.repeats.get((trade.order.symbol, trade.order.side), 0)
    if count < limits.max_repeats:
        return None
    allowed = f"fewer than {limits.max_repeats} in {limits.repeat_window_minutes} min"
    actual = f"{count} {trade.order.side}s of {trade.order.symbol} sent already"
    return Breach(code="RC16", limit="max_repeats", allowed=allowed, actual=actual)


def duplicate(subject: Subject) -> Breach | None:
    """RC18: an equal order was sent just now or is still in flight; slices of one plan are no duplicates."""
    trade, case = subject
    order = trade.order
    if (order.symbol, order.side, order.quantity) not in case.account.recent:
        return None
    allowed = f"one in {trade.market.limits.duplicate_window_seconds} s"
    actual = f"{order.side} {plain(order.quantity)} {order.symbol} was sent already"
    return Breach(code="RC18", limit="duplicate_window_seconds", allowed=allowed, actual=actual)


def slips(subject: Subject) -> Breach | None:
    """RC26: half the spread and the depth eaten, as a share of mid."""
    trade = subject[0]
    limit = trade.market.limits.max_slippage
    if trade.slip is not None and trade.slip <= limit:
        return None
    actual = "unknown: no depth" if trade.slip is None else percent(trade.slip)
    return Breach(code="RC26", limit="max_slippage", allowed=percent(limit), actual=actual)


def meets_itself(subject: Subject) -> Breach | None:
    """RC32: an own order on the other side that this one would trade with."""
    trade, case = subject
    order = trade.order
    if order.type is OrderType.STOP:
        return None
    against = case.account.resting.get((order.symbol, order.side.opposite)) if case.account.resting else None
    if not against:
        return None
    if order.price is None:
        met = against
    elif order.side is Side.BUY:
        met = tuple(price for price in against if price <= order.price)
    else:
        met = tuple(price for price in against if price >= order.price)
    if not met:
        return None
    actual = f"own {order.side.opposite} at {plain(met[0])}"
    return Breach(code="RC32", limit="self-match", allowed="no own order in the way", actual=actual)


def off_grid(subject: Subject) -> Breach | None:
    """BK05: the quantity lies on the venue's grid and above its minimums."""
    trade = subject[0]
    order, instrument = trade.order, trade.market.instrument
    price = order.price or trade.price
    if instrument.tradable(order.quantity, price):
        return None
    allowed = (
        f"steps of {plain(instrument.step)}, from {plain(instrument.min_quantity)} "
        f"and {plain(instrument.min_notional)} {instrument.quote}"
    )
    actual = f"{plain(order.quantity)} worth {money(abs(instrument.notional(order.quantity, price)))}"
    return Breach(code="BK05", limit="order grid", allowed=allowed, actual=actual)


SIZE_CONTROLS: tuple[Control[Subject], ...] = (
    Control(
        code="RC04",
        limits=("max_order_value",),
        unit="quote currency",
        refuses="an order of more value",
        retail="2,000",
        fund="50,000",
        source="RTS 6 Art. 15",
        spares=None,
        check=large_order,
    ),
    Control(
        code="RC04",
        limits=("max_order_share",),
        unit="share of equity",
        refuses="an order of more value",
        retail="5%",
        fund="2%",
        source="RTS 6 Art. 15",
        spares=None,
        check=large_share,
    ),
    Control(
        code="RC05",
        limits=("max_order_volume_share",),
        unit="share of the 24 h volume",
        refuses="a larger order, and without known volume what adds risk",
        retail="1%",
        fund="0.5%",
        source="RTS 6 Art. 15",
        spares=None,
        check=large_for_volume,
    ),
    Control(
        code="RC05",
        limits=("max_order_depth_share",),
        unit="share of the depth within 25 bp",
        refuses="a larger order, and without known depth what adds risk",
        retail="20%",
        fund="10%",
        source="RTS 6 Art. 15",
        spares=None,
        check=large_for_depth,
    ),
    Control(
        code="RC16",
        limits=("max_repeats", "repeat_window_minutes"),
        unit="orders; minutes",
        refuses="another order of that side in that market; reduce-only ones are let through",
        retail="3 in 15 min",
        fund="3 in 15 min",
        source="RTS 6 Art. 15(3)",
        spares=Standing.PROTECTS,
        check=repeated,
    ),
    Control(
        code="RC18",
        limits=("duplicate_window_seconds",),
        unit="seconds",
        refuses="an order equal in market, side and quantity to one just sent or in flight",
        retail="60",
        fund="60",
        source="SEC 15c3-5",
        spares=Standing.PROTECTS,
        check=duplicate,
    ),
    Control(
        code="RC26",
        limits=("max_slippage",),
        unit="share of mid",
        refuses="what adds risk at a larger expected loss to spread and depth",
        retail="0.3%",
        fund="0.15%",
        source="RELIABILITY RC26",
        spares=Standing.REDUCES,
        check=slips,
    ),
    Control(
        code="RC29",
        limits=("min_days_to_expiry",),
        unit="days",
        refuses="what adds risk in a contract that expires sooner; reduce-only orders are let through",
        retail="3",
        fund="5",
        source="RELIABILITY RC29",
        spares=Standing.REDUCES,
        check=near_expiry,
    ),
    Control(
        code="RC32",
        limits=(),
        unit="",
        refuses="an order that would trade with an own one",
        retail="-",
        fund="-",
        source="FIA 2024",
        spares=None,
        check=meets_itself,
    ),
    Control(
        code="BK05",
        limits=(),
        unit="order units",
        refuses="a quantity off the venue's grid or under its minimums",
        retail="-",
        fund="-",
        source="Nautilus",
        spares=None,
        check=off_grid,
    ),
)
