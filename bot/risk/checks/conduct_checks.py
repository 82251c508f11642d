"""Is it worth doing, and not too much of it? Checks of pace and cost of one proposal."""

from collections import Counter

from bot.domain.numbers import ZERO
from bot.domain.plan import Breach
from bot.risk.case import Case, Standing
from bot.risk.checks.control import Control, money, percent


def unexecuted_value(case: Case) -> Breach | None:
    """RC15: the value of all own orders not filled yet, this proposal's counted."""
    before, share = case.trial.book.totals, case.policy.limits.max_open_order_share
    value = case.account.unexecuted + before.resting + sum((t.value for t in case.trial.trades), ZERO)
    if not case.trial.trades or value <= share * case.account.equity:
        return None
    actual = percent(value / case.account.equity)
    return Breach(code="RC15", limit="max_open_order_share", allowed=f"up to {percent(share)} of equity", actual=actual)


def open_in_market(case: Case) -> Breach | None:
    """RC15: own orders waiting in one market, this proposal's counted."""
    limit, waiting = case.policy.limits.max_open_orders_per_symbol, case.account.waiting
    own = Counter([trade.order.symbol for trade in case.trial.trades])
    for symbol, count in own.items():
        if count + waiting.get(symbol, 0) > limit:
            actual = f"{count + waiting.get(symbol, 0)} in {symbol}"
            return Breach(code="RC15", limit="max_open_orders_per_symbol", allowed=f"up to {limit}", actual=actual)
    return None


def open_in_all(case: Case) -> Breach | None:
    """RC15: own orders waiting in all markets, this proposal's counted."""
    limit = case.policy.limits.max_open_orders
    count = sum(case.account.waiting.values()) + len(case.trial.trades)
    if not case.trial.trades or count <= limit:
        return None
    return Breach(code="RC15", limit="max_open_orders", allowed=f"up to {limit}", actual=str(count))


def per_minute(case: Case) -> Breach | None:
    """RC17: orders of the last minute, those approved of this plan counted."""
    return _too_many(case, 0, "max_orders_per_minute", case.policy.limits.max_orders_per_minute)


def per_hour(case: Case) -> Breach | None:
    """RC17: orders of the last hour."""
    return _too_many(case, 1, "max_orders_per_hour", case.policy.limits.max_orders_per_hour)


def per_day(case: Case) -> Breach | None:
    """RC17: orders of the last day."""
    return _too_many(case, 2, "max_orders_per_day", case.policy.limits.max_orders_per_day)


def _too_many(case: Case, window: int, name: str, limit: int) -> Breach | None:
    count = case.account.sent[window] + case.trial.totals.orders
    if not case.trial.trades or count <= limit:
        return None
    return Breach(code="RC17", limit=name, allowed=f"up to {limit}", actual=str(count))


def daily_turnover(case: Case) -> Breach | None:
    """RC20: what was traded in the last day and of this plan."""
    share = case.policy.limits.max_daily_turnover
    traded = case.account.turnover + case.trial.totals.turnover
    if not case.trial.trades or traded <= share * case.account.equity:
        return None
    actual = percent(traded / case.account.equity)
    return Breach(code="RC20", limit="max_daily_turnover", allowed=f"up to {percent(share)} of equity", actual=actual)


def not_worth_it(case: Case) -> Breach | None:
    """RC27: the expected cost against the value of the gap it closes; the higher of two estimates counts."""
    limit, deviation = case.policy.limits.max_cost_share, case.proposal.deviation
    if not case.trial.trades:
        return None
    cost = max(case.proposal.cost, sum((trade.cost for trade in case.trial.trades), ZERO))
    if cost <= limit * deviation:
        return None
    actual = f"{money(cost)} to correct {money(deviation)} {case.policy.quote}"
    return Breach(code="RC27", limit="max_cost_share", allowed=f"up to {percent(limit)}", actual=actual)


CONDUCT_CONTROLS: tuple[Control[Case], ...] = (
    Control(
        code="RC15",
        limits=("max_open_order_share",),
        unit="share of equity",
        refuses="what adds risk while more order value waits unfilled",
        retail="10%",
        fund="5%",
        source="NI 23-103",
        spares=Standing.REDUCES,
        check=unexecuted_value,
    ),
    Control(
        code="RC15",
        limits=("max_open_orders_per_symbol",),
        unit="orders",
        refuses="what adds risk while more own orders wait in that market",
        retail="4",
        fund="4",
        source="NI 23-103",
        spares=Standing.REDUCES,
        check=open_in_market,
    ),
    Control(
        code="RC15",
        limits=("max_open_orders",),
        unit="orders",
        refuses="what adds risk while more own orders wait anywhere",
        retail="20",
        fund="40",
        source="NI 23-103",
        spares=Standing.REDUCES,
        check=open_in_all,
    ),
    Control(
        code="RC17",
        limits=("max_orders_per_minute",),
        unit="orders",
        refuses="more orders",
        retail="10",
        fund="30",
        source="RTS 6 Art. 15",
        spares=None,
        check=per_minute,
    ),
    Control(
        code="RC17",
        limits=("max_orders_per_hour",),
        unit="orders",
        refuses="more orders",
        retail="60",
        fund="300",
        source="RTS 6 Art. 15",
        spares=None,
        check=per_hour,
    ),
    Control(
        code="RC17",
        limits=("max_orders_per_day",),
        unit="orders",
        refuses="more orders",
        retail="300",
        fund="2000",
        source="RTS 6 Art. 15",
        spares=None,
        check=per_day,
    ),
    Control(
        code="RC20",
        limits=("max_daily_turnover",),
        unit="share of equity",
        refuses="what adds risk beyond so much traded in 24 hours",
        retail="30%",
        fund="50%",
        source="RELIABILITY RC20",
        spares=Standing.REDUCES,
        check=daily_turnover,
    ),
    Control(
        code="RC27",
        limits=("max_cost_share",),
        unit="share of the deviation corrected",
        refuses="what adds risk at a higher expected cost",
        retail="25%",
        fund="25%",
        source="RELIABILITY RC27",
        spares=Standing.REDUCES,
        check=not_worth_it,
    ),
)
