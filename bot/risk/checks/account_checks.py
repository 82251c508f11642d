"""May anything be traded now? Checks of the whole account, made once for a plan."""

from bot.domain.memory import TradingState
from bot.domain.numbers import ONE, positive
from bot.domain.plan import Breach
from bot.risk.account import Account
from bot.risk.case import Standing
from bot.risk.checks.control import Control, percent, plain


def halted(account: Account) -> Breach | None:
    """STATE: nothing is sent while trading is halted."""
    if account.memory.state is not TradingState.HALTED:
        return None
    return Breach(code="STATE", limit="trading state", allowed="active or reducing", actual=_state(account))


def reducing(account: Account) -> Breach | None:
    """STATE: while reducing, only what lowers risk."""
    if account.memory.state is TradingState.ACTIVE:
        return None
    return Breach(code="STATE", limit="trading state", allowed="active", actual=_state(account))


def _state(account: Account) -> str:
    reason = account.memory.state_reason
    return f"{account.memory.state}: {reason}" if reason else str(account.memory.state)


def too_many_ambiguous(account: Account) -> Breach | None:
    """RC19: with too many outcomes unknown the account is frozen for openings."""
    if account.unresolved < account.limits.max_unresolved:
        return None
    return Breach(
        code="RC19",
        limit="max_unresolved",
        allowed=f"fewer than {account.limits.max_unresolved} orders of unknown outcome",
        actual=str(account.unresolved),
    )


def day_loss(account: Account) -> Breach | None:
    """RC21: the loss since the day's opening, flows taken out; an earlier day's opening does not count."""
    performance, limit = account.memory.performance, account.limits.max_daily_loss
    if performance is None or performance.day != account.snapshot.taken_at.date().isoformat():
        return None
    if performance.day_loss < limit:
        return None
    return Breach(
        code="RC21", limit="max_daily_loss", allowed=f"under {percent(limit)}", actual=percent(performance.day_loss)
    )


def drawdown(account: Account) -> Breach | None:
    """RC21: the fall from the peak, flows taken out."""
    performance, limit = account.memory.performance, account.limits.max_drawdown
    if performance is None or performance.drawdown < limit:
        return None
    return Breach(
        code="RC21", limit="max_drawdown", allowed=f"under {percent(limit)}", actual=percent(performance.drawdown)
    )


def needs_a_person(account: Account) -> Breach | None:
    """RC25: a plan of large turnover waits, as a whole, for a person."""
    bound = account.limits.approval_above * account.equity
    if account.memory.attended or account.planned <= bound:
        return None
    return Breach(
        code="RC25",
        limit="approval_above",
        allowed=f"{percent(account.limits.approval_above)} of equity unattended",
        actual=f"{percent(account.planned / account.equity)}; a person may do it: poise apply",
    )


def peg_lost(account: Account) -> Breach | None:
    """RC30: a reserve asset away from 1 in the policy's quote currency."""
    policy, limit = account.policy, account.limits.max_peg_gap
    for asset in sorted(policy.reserve.assets):
        symbol = f"{asset}/{policy.quote}"
        if asset == policy.quote or symbol not in account.snapshot.quotes:
            continue
        gap = abs(positive(f"{symbol} mid", account.board.quote(symbol).mid) - ONE)
        if gap > limit:
            return Breach(
                code="RC30", limit="max_peg_gap", allowed=percent(limit), actual=f"{asset} is {percent(gap)} from 1"
            )
    return None


def clock_off(account: Account) -> Breach | None:
    """RC39: the venue's clock and ours must agree."""
    offset, limit = account.snapshot.clock_offset_seconds, account.limits.max_clock_offset_seconds
    if abs(offset) <= limit:
        return None
    return Breach(
        code="RC39", limit="max_clock_offset_seconds", allowed=f"{plain(limit)} s", actual=f"{plain(offset)} s"
    )


ACCOUNT_CONTROLS: tuple[Control[Account], ...] = (
    Control(
        code="STATE",
        limits=(),
        unit="",
        refuses="everything while trading is halted",
        retail="-",
        fund="-",
        source="RTS 6 Art. 12, Nautilus",
        spares=None,
        check=halted,
    ),
    Control(
        code="STATE",
        limits=(),
        unit="",
        refuses="what adds risk while only reducing is allowed",
        retail="-",
        fund="-",
        source="Nautilus",
        spares=Standing.REDUCES,
        check=reducing,
    ),
    Control(
        code="RC19",
        limits=("max_unresolved",),
        unit="orders",
        refuses="what adds risk anywhere while so many orders have an unknown outcome",
        retail="3",
        fund="2",
        source="RELIABILITY I5",
        spares=Standing.REDUCES,
        check=too_many_ambiguous,
    ),
    Control(
        code="RC21",
        limits=("max_daily_loss",),
        unit="share of the day's opening value",
        refuses="what adds risk after such a loss since midnight UTC",
        retail="5%",
        fund="3%",
        source="SEC 15c3-5",
        spares=Standing.REDUCES,
        check=day_loss,
    ),
    Control(
        code="RC21",
        limits=("max_drawdown",),
        unit="share of the peak value",
        refuses="what adds risk after such a fall from the peak",
        retail="15%",
        fund="10%",
        source="SEC 15c3-5",
        spares=Standing.REDUCES,
        check=drawdown,
    ),
    Control(
        code="RC25",
        limits=("approval_above",),
        unit="share of equity",
        refuses="the orders of a larger plan no person has approved; reduce-only orders are let through",
        retail="10%",
        fund="5%",
        source="RELIABILITY RC25",
        spares=Standing.PROTECTS,
        check=needs_a_person,
    ),
    Control(
        code="RC30",
        limits=("max_peg_gap",),
        unit="of 1",
        refuses="what adds risk while a reserve asset has left its peg",
        retail="1%",
        fund="0.5%",
        source="RELIABILITY RC30",
        spares=Standing.REDUCES,
        check=peg_lost,
    ),
    Control(
        code="RC39",
        limits=("max_clock_offset_seconds",),
        unit="seconds",
        refuses="everything while the clocks differ by more",
        retail="1",
        fund="0.5",
        source="RELIABILITY I4",
        spares=None,
        check=clock_off,
    ),
)
