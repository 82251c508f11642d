"""Can it be paid, and does it leave what must stay? Checks of wallets, reserve and positions."""

from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import Side, TransferRequest
from bot.domain.plan import Breach
from bot.domain.policy import Policy
from bot.risk.case import Case, Standing
from bot.risk.checks.control import Control, coins, money, percent, plain
from bot.risk.market import is_tradable, tradable_names


def margin_share(case: Case) -> Breach | None:
    """RC14: the futures wallets' equity as a share of the account's, when something moves into one."""
    if not case.transfers:
        return None
    totals, limit = case.trial.totals, case.policy.limits.max_futures_margin_share
    grows = totals.margined > case.trial.book.totals.margined
    if not grows or totals.margined <= limit * totals.equity:
        return None
    actual = percent(totals.margined / totals.equity)
    return Breach(code="RC14", limit="max_futures_margin_share", allowed=f"up to {percent(limit)}", actual=actual)


def initial_margin(case: Case) -> Breach | None:
    """BK03: margin for what is opened, or left for what is open when money moves out, wallet by wallet."""
    if not case.moves_margin:
        return None
    for asset, wallet in case.trial.wallets.items():
        old = case.trial.book.wallets.get(asset)
        if wallet.available < 0 and wallet.available < (old.available if old else ZERO):
            return _uncovered(coins(-wallet.available), asset)
    after = case.trial.totals.available
    if after >= 0 or after >= case.trial.book.totals.available:
        return None
    return _uncovered(money(-after), case.policy.quote)


def _uncovered(amount: str, asset: str) -> Breach:
    actual = f"{amount} {asset} missing"
    return Breach(code="BK03", limit="initial margin", allowed="covered by the futures wallet", actual=actual)


def moved_too_much(case: Case) -> Breach | None:
    """RC37: what was moved between own wallets in the last day and by this plan."""
    share, moved = case.policy.limits.max_daily_transfer, case.account.moved + case.trial.totals.moved
    if not case.transfers or moved <= share * case.account.equity:
        return None
    actual = f"{percent(moved / case.account.equity)} of equity in a day"
    return Breach(code="RC37", limit="max_daily_transfer", allowed=f"up to {percent(share)}", actual=actual)


def wrong_way(leg: TransferRequest, policy: Policy) -> Breach | None:
    """RC37: the quote currency moves between spot and linear, a coin of the policy between spot and inverse."""
    others = [wallet for wallet in (leg.source, leg.target) if wallet is not WalletKind.SPOT]
    if others == [WalletKind.LINEAR] and leg.asset == policy.quote:
        return None
    if others == [WalletKind.INVERSE] and is_tradable(policy, leg.asset):
        return None
    allowed = f"{policy.quote} between spot and linear, {tradable_names(policy)} between spot and inverse"
    actual = f"{leg.asset} from {leg.source} to {leg.target}"
    return Breach(code="RC37", limit="transfers", allowed=allowed, actual=actual)


def moves_wrong_way(case: Case) -> Breach | None:
    """RC37: the first transfer of a proposal that goes where none may."""
    return next((breach for leg in case.transfers if (breach := wrong_way(leg, case.policy))), None)


def cannot_pay(case: Case) -> Breach | None:
    """BK01: free coins and money for every leg, at its limit and with its fee, when its turn comes."""
    if not case.trial.shortfalls:
        return None
    short = case.trial.shortfalls[0]
    free = f"{plain(short.free)} {short.asset} free"
    return Breach(code="BK01", limit="free balance", allowed=free, actual=f"{plain(short.needed)} {short.asset}")


def reserve_used(case: Case) -> Breach | None:
    """BK02: purchases of spot leave the reserve its minimum."""
    totals, share = case.trial.totals, case.policy.reserve.minimum
    if not share or not any(t.market.instrument.kind.is_spot and t.order.side is Side.BUY for t in case.trial.trades):
        return None
    if totals.reserve >= share * totals.whole:
        return None
    actual = f"{percent(totals.reserve / totals.whole)} would be left"
    return Breach(code="BK02", limit="reserve minimum", allowed=f"from {percent(share)} of equity", actual=actual)


def never_sold(case: Case) -> Breach | None:
    """BK04: coins the policy never sells, sales in flight counted as done; carry's spot is none of them.

    They stay in the spot wallet: as margin a liquidation could sell them.
    """
    for asset, line in case.trial.coins.items():
        kept, before = case.policy.core.never_sell.get(asset, ZERO), case.before(asset)
        left = line.spot - line.carried - line.spot_selling
        if kept and left < kept and line.spot - line.carried < before.spot - before.carried:
            actual = f"{plain(left)} {asset} would be left"
            return Breach(code="BK04", limit="never_sell", allowed=f"from {plain(kept)} {asset}", actual=actual)
    return None


def would_open(case: Case) -> Breach | None:
    """BK06: a reduce-only order is against a position and no larger than it (I11); spot has none."""
    for trade in case.trial.trades:
        if trade.order.reduce_only and trade.market.instrument.kind.is_spot:
            return _opens(trade.order.quantity, ZERO)
    for reduction in case.trial.reductions:
        if not reduction.holds:
            return _opens(reduction.order.signed_quantity, reduction.held, reduction.stopped)
    return None


def _opens(ordered: Decimal, held: Decimal, stopped: Decimal = ZERO) -> Breach:
    rest = f", {plain(stopped)} of it waiting to be stopped already" if stopped else ""
    allowed = f"against a position of {plain(held)}, at most all of it{rest}"
    return Breach(code="BK06", limit="reduce-only", allowed=allowed, actual=plain(ordered))


WALLET_CONTROLS: tuple[Control[Case], ...] = (
    Control(
        code="RC14",
        limits=("max_futures_margin_share",),
        unit="share of equity",
        refuses="a transfer that puts more into the futures wallets, the coin-margined ones counted",
        retail="5% at first, then 20%",
        fund="25%",
        source="RELIABILITY RC14",
        spares=None,
        check=margin_share,
    ),
    Control(
        code="BK03",
        limits=(),
        unit="quote currency",
        refuses="opening without initial margin, and taking margin away that is needed",
        retail="-",
        fund="-",
        source="Nautilus",
        spares=Standing.REDUCES,
        check=initial_margin,
    ),
    Control(
        code="RC37",
        limits=("max_daily_transfer",),
        unit="share of equity",
        refuses="more moved between own wallets in 24 hours",
        retail="10%",
        fund="20%",
        source="RELIABILITY RC37",
        spares=None,
        check=moved_too_much,
    ),
    Control(
        code="RC37",
        limits=(),
        unit="",
        refuses="transfers but of the quote currency between spot and linear, or of a coin between spot and inverse",
        retail="-",
        fund="-",
        source="RELIABILITY RC37",
        spares=None,
        check=moves_wrong_way,
    ),
    Control(
        code="BK01",
        limits=(),
        unit="coins",
        refuses="a leg that free balances cannot pay, fee counted",
        retail="-",
        fund="-",
        source="BYTEX #21",
        spares=None,
        check=cannot_pay,
    ),
    Control(
        code="BK02",
        limits=(),
        unit="share of equity",
        refuses="buying spot out of the reserve's minimum",
        retail="-",
        fund="-",
        source="policy [reserve]",
        spares=None,
        check=reserve_used,
    ),
    Control(
        code="BK04",
        limits=(),
        unit="coins",
        refuses="selling coins the policy never sells, or moving them out of the spot wallet",
        retail="-",
        fund="-",
        source="policy [core]",
        spares=None,
        check=never_sold,
    ),
    Control(
        code="BK06",
        limits=(),
        unit="contracts",
        refuses="a reduce-only order that would open, a stop with the other stops of its side counted",
        retail="-",
        fund="-",
        source="RELIABILITY I11",
        spares=None,
        check=would_open,
    ),
)
