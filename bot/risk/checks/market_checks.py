"""May this market be traded now? Checks of one instrument and its quote, made once for each."""

from datetime import timedelta

from bot.domain.plan import Breach
from bot.risk.case import Standing
from bot.risk.checks.control import Control, money, percent, plain
from bot.risk.market import Market, is_tradable, tradable_names

SECONDS_PER_DAY = 86_400


def not_listed(market: Market) -> Breach | None:
    """RC03: only coins of the policy: spot and linear contracts in its quote, coin-margined ones in USD.

    USD counts one for one with the quote currency.
    """
    instrument, policy = market.instrument, market.policy
    if not is_tradable(policy, instrument.base):
        return _not_allowed(market, f"{instrument.base} is not in the policy")
    pair = ("USD", instrument.base) if instrument.kind.is_inverse else (policy.quote, policy.quote)
    if (instrument.quote, instrument.settle) != pair:
        return _not_allowed(market, f"{instrument.symbol} is not traded in {' and settled in '.join(pair)}")
    return None


def _not_allowed(market: Market, actual: str) -> Breach:
    policy = market.policy
    allowed = f"spot and contracts of {tradable_names(policy)} in {policy.quote}, coin-margined ones in USD"
    return Breach(code="RC03", limit="instruments", allowed=allowed, actual=actual)


def thin_volume(market: Market) -> Breach | None:
    """RC03: a market with little volume cannot be left again."""
    limit, volume = market.limits.min_volume_24h, market.quote.volume_24h
    if limit <= 0 or (volume is not None and volume >= limit):
        return None
    actual = "unknown" if volume is None else money(volume)
    return Breach(code="RC03", limit="min_volume_24h", allowed=f"from {money(limit)}", actual=actual)


def price_jumped(market: Market) -> Breach | None:
    """RC07: the price moved far since the last cycle, if that was within the window."""
    last, limits = market.last, market.limits
    if last is None or market.now - last.at > timedelta(seconds=limits.jump_window_seconds):
        return None
    jump = abs(market.quote.mid / last.price - 1)
    if jump <= limits.max_price_jump:
        return None
    actual = f"{percent(jump)} in {(market.now - last.at).total_seconds():.0f} s"
    return Breach(code="RC07", limit="max_price_jump", allowed=percent(limits.max_price_jump), actual=actual)


def old_quote(market: Market) -> Breach | None:
    """RC08: a price must be of now, neither old nor from the future."""
    age, limit = abs(market.now - market.quote.at), market.limits.max_quote_age_seconds
    if age <= timedelta(seconds=int(limit), microseconds=int(limit % 1 * 1_000_000)):
        return None
    seconds = f"{age.total_seconds():.1f} s"
    return Breach(code="RC08", limit="max_quote_age_seconds", allowed=f"{plain(limit)} s", actual=seconds)


def wide_spread(market: Market) -> Breach | None:
    """RC08: a wide book is no reference."""
    limit = market.limits.max_spread
    if market.spread <= limit:
        return None
    return Breach(code="RC08", limit="max_spread", allowed=percent(limit), actual=percent(market.spread))


def mark_off_index(market: Market) -> Breach | None:
    """RC08: a contract's mark must be near its index; a dated one's, which bears its basis, near its own mid."""
    kind = market.instrument.kind
    if kind.is_spot:
        return None
    limit, index = market.limits.max_mark_index_gap, market.quote.mid if kind.is_dated else market.quote.index
    if index is None:
        return Breach(code="RC08", limit="max_mark_index_gap", allowed=percent(limit), actual="no index price")
    gap = abs(market.reference / index - 1)
    if gap <= limit:
        return None
    return Breach(code="RC08", limit="max_mark_index_gap", allowed=percent(limit), actual=percent(gap))


def leverage_setting(market: Market) -> Breach | None:
    """RC11: the venue's leverage setting of the position."""
    position, limit = market.position, market.limits.max_leverage_setting
    if position is None or position.leverage <= limit:
        return None
    return Breach(
        code="RC11", limit="max_leverage_setting", allowed=f"{plain(limit)}x", actual=f"{plain(position.leverage)}x"
    )


def frozen(market: Market) -> Breach | None:
    """RC19: one order of unknown outcome freezes its market."""
    if not market.ambiguous:
        return None
    actual = f"an order of {market.instrument.symbol} has an unknown outcome"
    return Breach(code="RC19", limit="ambiguous orders", allowed="none in this market", actual=actual)


def expired(market: Market) -> Breach | None:
    """RC29: a contract past its expiry is delivered, not traded."""
    expiry = market.instrument.expiry
    if expiry is None or expiry > market.now:
        return None
    return Breach(code="RC29", limit="expiry", allowed="before its expiry", actual=f"expired {expiry:%Y-%m-%d %H:%M}")


def new_listing(market: Market) -> Breach | None:
    """RC29: a market young on the venue is not opened; where the venue gives no date it is cautioned.

    A dated contract is new every quarter and its coin is not: what it must keep away from is its expiry.
    """
    listed = None if market.instrument.kind.is_dated else market.instrument.listed_at
    return None if listed is None else _too_few_days(market.now - listed, "min_days_since_listing", market)


def _too_few_days(span: timedelta, name: str, market: Market) -> Breach | None:
    limit = getattr(market.limits, name)
    if span >= timedelta(seconds=int(limit * SECONDS_PER_DAY)):
        return None
    days = f"{span / timedelta(days=1):.1f} days"
    return Breach(code="RC29", limit=name, allowed=f"from {plain(limit)} days", actual=days)


MARKET_CONTROLS: tuple[Control[Market], ...] = (
    Control(
        code="RC03",
        limits=(),
        unit="",
        refuses="instruments of other coins than the policy's, or in another quote (coin-margined ones: USD)",
        retail="-",
        fund="-",
        source="SEC 15c3-5 restricted list",
        spares=None,
        check=not_listed,
    ),
    Control(
        code="RC03",
        limits=("min_volume_24h",),
        unit="quote currency",
        refuses="what adds risk in a market with less volume in 24 hours",
        retail="10,000,000",
        fund="50,000,000",
        source="SEC 15c3-5 restricted list",
        spares=Standing.REDUCES,
        check=thin_volume,
    ),
    Control(
        code="RC07",
        limits=("max_price_jump", "jump_window_seconds"),
        unit="share of the last price; seconds",
        refuses="what adds risk after a larger move within the window",
        retail="5% (others 10%) in 60 s",
        fund="3% (others 6%) in 60 s",
        source="RTS 6 Art. 15",
        spares=Standing.REDUCES,
        check=price_jumped,
    ),
    Control(
        code="RC08",
        limits=("max_quote_age_seconds",),
        unit="seconds",
        refuses="every order on an older price",
        retail="10",
        fund="5",
        source="NI 23-103",
        spares=None,
        check=old_quote,
    ),
    Control(
        code="RC08",
        limits=("max_spread",),
        unit="share of the mid price",
        refuses="what adds risk where bid and ask are further apart",
        retail="0.5%",
        fund="0.25%",
        source="NI 23-103",
        spares=Standing.REDUCES,
        check=wide_spread,
    ),
    Control(
        code="RC08",
        limits=("max_mark_index_gap",),
        unit="share of the index price",
        refuses="what adds risk in a contract whose mark is further from its index (dated: its mid), or has none",
        retail="1%",
        fund="0.5%",
        source="NI 23-103",
        spares=Standing.REDUCES,
        check=mark_off_index,
    ),
    Control(
        code="RC11",
        limits=("max_leverage_setting",),
        unit="x",
        refuses="what adds risk where the venue's leverage setting is higher",
        retail="3",
        fund="5",
        source="RELIABILITY I15",
        spares=Standing.REDUCES,
        check=leverage_setting,
    ),
    Control(
        code="RC19",
        limits=(),
        unit="orders",
        refuses="orders in a market where one has an unknown outcome; reduce-only ones are let through",
        retail="1",
        fund="1",
        source="RELIABILITY I5",
        spares=Standing.PROTECTS,
        check=frozen,
    ),
    Control(
        code="RC29",
        limits=(),
        unit="",
        refuses="every order in a contract past its expiry",
        retail="-",
        fund="-",
        source="RELIABILITY RC29",
        spares=None,
        check=expired,
    ),
    Control(
        code="RC29",
        limits=("min_days_since_listing",),
        unit="days",
        refuses="what adds risk in a spot or perpetual market listed more recently; an unknown date is cautioned",
        retail="30",
        fund="90",
        source="RELIABILITY RC29",
        spares=Standing.REDUCES,
        check=new_listing,
    ),
)
