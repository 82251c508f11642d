"""Carries out what was approved, leg by leg, and holds back what the legs before it have made unsafe."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.intent import IntentState
from bot.domain.memory import TradingState
from bot.domain.numbers import ONE, ZERO, down_to_step
from bot.domain.order import CancelRequest, Leg, OrderReport, OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.plan import Approved, Plan
from bot.execution.sending import Outcome, Sender, send


@dataclass(slots=True)
class _Broken:
    """What did not come about: assets with an unknown outcome, assets with an unfilled order, and whether a sale."""

    doubtful: set[str] = field(default_factory=set)
    unfilled: set[str] = field(default_factory=set)
    sale: bool = False

    def note(self, leg: Leg, outcome: Outcome) -> None:
        """Remember an outcome that is not what the rest of the plan counts on."""
        asset = outcome.approved.proposal.asset
        if outcome.state is IntentState.AMBIGUOUS:
            self.doubtful.add(asset)
        if isinstance(leg, OrderRequest) and leg.type is not OrderType.STOP and not _filled_whole(leg, outcome):
            self.unfilled.add(asset)
            self.sale = self.sale or _trades_core(leg, Side.SELL)

    def holds_back(self, leg: Leg, asset: str, *, follows: bool) -> str:
        """Return what is missing for a leg, empty when nothing is; one that follows another was sized by it."""
        if asset in self.doubtful:
            return "an earlier order of this asset has an unknown outcome"
        if not isinstance(leg, OrderRequest) or leg.reduce_only or follows:
            return ""
        if asset in self.unfilled:
            return "an earlier order of this asset was not filled whole: the next cycle plans on what is there"
        if self.sale and _trades_core(leg, Side.BUY):
            return "a sale before it was not filled whole: the next cycle plans on what is there"
        return ""


def _filled_whole(leg: OrderRequest, outcome: Outcome) -> bool:
    return isinstance(outcome.report, OrderReport) and outcome.report.filled >= leg.quantity


def _trades_core(leg: Leg, side: Side) -> bool:
    return isinstance(leg, OrderRequest) and leg.sleeve is Sleeve.CORE and leg.side is side


def _lowers_risk(leg: Leg) -> bool:
    """Whether a leg may be sent while reducing, as the gate reckons it: margin in, hedges and core made smaller."""
    if isinstance(leg, TransferRequest):
        return leg.target is not WalletKind.SPOT
    return not isinstance(leg, OrderRequest) or leg.reduce_only or _trades_core(leg, Side.SELL)


async def execute(approved: tuple[Approved, ...], plan: Plan, sender: Sender) -> AsyncIterator[Outcome]:
    """Yield the outcome of each approved leg, in order, as it happens.

    The switch is read before every send. What follows was approved on the book that the orders before
    it were to make: after one that was not filled whole, only reduce-only orders are sent for its
    asset, after an unknown outcome nothing at all, and after such a sale no purchases of any asset.
    After the first failed leg of a proposal its other legs are not sent; an order that follows another is
    cut to the share of it that was filled, so that a pair never stands wider than one child order (I12).
    """
    numbers = _leg_numbers(plan)
    broken = _Broken()
    for item in approved:
        share = ONE
        for position, wanted in enumerate(item.proposal.legs):
            leg, reason = _sized(wanted, share, sender)
            reason = reason or _held_back(leg, item, sender, broken, follows=position > 0)
            if reason:
                outcome = Outcome(approved=item, leg=leg, report=None, state=None, note=reason)
            else:
                outcome = await send(item, leg, numbers[item.proposal.number] + position, sender)
            broken.note(leg, outcome)
            yield outcome
            if outcome.report is None:
                break
            share = _filled_share(leg, outcome)


def _filled_share(leg: Leg, outcome: Outcome) -> Decimal:
    """Return how much of an order was filled, a fraction; whole for everything that is no order to fill now."""
    if isinstance(leg, OrderRequest) and leg.type is not OrderType.STOP and isinstance(outcome.report, OrderReport):
        return min(outcome.report.filled / leg.quantity, ONE)
    return ONE


def _sized(leg: Leg, share: Decimal, sender: Sender) -> tuple[Leg, str]:
    """Return an order cut to a share of itself on the venue's grid, and why it cannot be sent if so."""
    if share == ONE or isinstance(leg, TransferRequest):
        return leg, ""
    if isinstance(leg, CancelRequest):
        return leg, "the order before it was not filled whole: the stop stays"
    instrument = sender.instruments.get(leg.symbol)
    size = down_to_step(leg.quantity * share, instrument.step) if instrument else ZERO
    price = leg.trigger or leg.price
    if instrument is None or price is None or not instrument.tradable(size, price):
        return leg, "the order before it was filled too little to stand against: the next cycle mends the pair"
    return leg.cut_to(size), ""


def _leg_numbers(plan: Plan) -> dict[int, int]:
    """Return the number of each proposal's first leg, counted through the whole plan."""
    numbers, following = {}, 1
    for proposal in plan.proposals:
        numbers[proposal.number] = following
        following += len(proposal.legs)
    return numbers


def _held_back(leg: Leg, item: Approved, sender: Sender, broken: _Broken, *, follows: bool) -> str:
    """Return why a leg may not be sent now, empty when it may."""
    state, reason = sender.control.state()
    if state is TradingState.HALTED:
        return f"halted: {reason}"
    if state is TradingState.REDUCING and not _lowers_risk(leg):
        return f"reducing only: {reason}"
    if sender.clock.now() > sender.fresh_until and not follows and not _lowers_risk(leg):
        return f"what it was decided on was fresh until {sender.fresh_until:%H:%M:%S} UTC: the next cycle looks again"
    return broken.holds_back(leg, item.proposal.asset, follows=follows)
