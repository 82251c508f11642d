"""What would the book be? Checks of exposure, leverage, hedge and margin after a proposal.

A book that is over a limit already may still be improved: only what makes it worse is refused.
"""

from collections.abc import Iterator
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.plan import Breach
from bot.risk.case import Case, Standing, hedges
from bot.risk.checks.control import Control, coins, percent, plain
from bot.risk.distance import distance, nearest_after, worst_distance
from bot.risk.lines import CoinLine, ContractLine


def asset_exposure(case: Case) -> Breach | None:
    """RC09: the worst |delta| of a coin, orders in flight filled against us, beyond its band (I9).

    What the overlay claims is left out: RC43 bounds it. Allowed:
    (share of the core × core band high + max_exposure_over_band) × equity, coins elsewhere counted.
    """
    policy, equity = case.policy, case.trial.totals.whole
    for asset, line in case.trial.coins.items():
        share = policy.core.assets.get(asset, ZERO) * policy.core.band.high + policy.limits.max_exposure_over_band
        if line.worst > share * equity and line.worst > case.before(asset).worst:
            actual = f"{asset} {percent(line.worst / equity)} of equity"
            return Breach(code="RC09", limit="max_exposure_over_band", allowed=f"up to {percent(share)}", actual=actual)
    return None


def total_exposure(case: Case) -> Breach | None:
    """RC09: the worst |delta| of all coins together beyond the core band."""
    totals, policy = case.trial.totals, case.policy
    share = policy.core.band.high + policy.limits.max_exposure_over_band
    if totals.worst <= share * totals.whole or totals.worst <= case.trial.book.totals.worst:
        return None
    actual = f"all coins {percent(totals.worst / totals.whole)} of equity"
    return Breach(code="RC09", limit="max_exposure_over_band", allowed=f"up to {percent(share)}", actual=actual)


def gross_leverage(case: Case) -> Breach | None:
    """RC10: gross futures notional over the account's equity, openings in flight filled."""
    totals, limit = case.trial.totals, case.policy.limits.max_gross_leverage
    if totals.worst_gross <= limit * totals.equity or totals.worst_gross <= case.trial.book.totals.worst_gross:
        return None
    actual = f"{totals.worst_gross / totals.equity:.2f}x"
    return Breach(code="RC10", limit="max_gross_leverage", allowed=f"{plain(limit)}x", actual=actual)


def over_hedged(case: Case) -> Breach | None:
    """RC12: coins the hedge sells short against the core's, in-flight sales counted (I10); one step is tolerated.

    What carry and the overlay claim is neither hedge nor core.
    """
    ratio = case.policy.limits.max_hedge_ratio
    for line, excess, before in hedges(case.account, case.trial):
        if line.short > 0 and excess > max(before, ZERO):
            allowed = f"{percent(ratio)} of {coins(line.hedgeable)} {line.asset}"
            return Breach(code="RC12", limit="max_hedge_ratio", allowed=allowed, actual=_short(line))
    return None


def _short(line: CoinLine) -> str:
    return f"{coins(line.short)} {line.asset} short"


def near_liquidation(case: Case) -> Breach | None:
    """RC13: the move that liquidates the nearest position, openings in flight filled.

    A shared wallet holds while its spare equity is at least the most any one position would need for
    a move of the limit, so one comparison judges them all. A coin-margined wallet is judged by its own.
    """
    limit = case.policy.limits.min_liquidation_distance
    if limit <= 0 or not case.moves_margin:
        return None
    for asset, wallet in case.trial.wallets.items():
        old = case.trial.book.wallets.get(asset)
        if _worse(wallet.worst_distance, old and old.worst_distance, limit):
            actual = f"{asset} wallet {percent(wallet.worst_distance or ZERO)}"
            return Breach(
                code="RC13", limit="min_liquidation_distance", allowed=f"from {percent(limit)}", actual=actual
            )
    for line in _too_near(case, limit):
        actual = percent(worst_distance(line, case.trial.totals) or ZERO)
        return Breach(
            code="RC13",
            limit="min_liquidation_distance",
            allowed=f"from {percent(limit)}",
            actual=f"{line.contract.symbol} {actual}",
        )
    return None


def _worse(after: Decimal | None, before: Decimal | None, limit: Decimal) -> bool:
    """Whether a distance is under the limit and nearer than it was; None is farther than any."""
    return after is not None and after < limit and (before is None or after < before)


def _too_near(case: Case, limit: Decimal) -> Iterator[ContractLine]:
    """Yield the positions the proposal brings, or brings nearer, under the limit."""
    trial, before = case.trial, case.trial.book.totals
    for line in trial.lines.values():
        move = None if line.isolated is None else distance(line, trial.totals)
        if move is not None and move < limit:
            yield line
    nearest = nearest_after(trial)
    if nearest is None or trial.totals.worst_spare >= nearest.need:
        return
    known = trial.book.needs[-1][0] if trial.book.needs else ZERO
    if trial.totals.worst_spare - nearest.need < before.worst_spare - known:
        yield nearest


EXPOSURE_CONTROLS: tuple[Control[Case], ...] = (
    Control(
        code="RC09",
        limits=("max_exposure_over_band",),
        unit="share of equity",
        refuses="a coin's exposure further beyond its share at the core band's high edge",
        retail="5%",
        fund="2%",
        source="SEC 15c3-5, RELIABILITY I9",
        spares=Standing.REDUCES,
        check=asset_exposure,
    ),
    Control(
        code="RC09",
        limits=("max_exposure_over_band",),
        unit="share of equity",
        refuses="exposure to all coins further beyond the core band's high edge",
        retail="5%",
        fund="2%",
        source="SEC 15c3-5, RELIABILITY I9",
        spares=Standing.REDUCES,
        check=total_exposure,
    ),
    Control(
        code="RC10",
        limits=("max_gross_leverage",),
        unit="x of equity",
        refuses="more gross futures notional",
        retail="1 (at most 2)",
        fund="1.5 (at most 3)",
        source="RELIABILITY I9",
        spares=Standing.REDUCES,
        check=gross_leverage,
    ),
    Control(
        code="RC12",
        limits=("max_hedge_ratio",),
        unit="share of the core's coins",
        refuses="a larger short, or a spot sale that leaves one",
        retail="100% + 1 step",
        fund="100% + 1 step",
        source="RELIABILITY I10",
        spares=Standing.REDUCES,
        check=over_hedged,
    ),
    Control(
        code="RC13",
        limits=("min_liquidation_distance",),
        unit="share of the mark price",
        refuses="what brings a position nearer to liquidation than that",
        retail="40%",
        fund="30%",
        source="RELIABILITY I16, QUANT 4",
        spares=Standing.REDUCES,
        check=near_liquidation,
    ),
)
