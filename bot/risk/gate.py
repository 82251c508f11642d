"""The gate: what may not be done. Each proposal is judged whole, on the book the approved ones would make.

Unknown is no: a proposal is approved only when every number it rests on is known and every control
holds. Nothing but this file makes `Approved`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from bot.domain.memory import Memory
from bot.domain.numbers import finite, positive
from bot.domain.order import CancelRequest, OrderRequest, OrderType, TransferRequest
from bot.domain.plan import Approved, Breach, Caution, Denied, Plan, Proposal, Verdict
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.errors import PoiseError, SnapshotUnavailable
from bot.risk.account import Account, account_of
from bot.risk.board import Board
from bot.risk.case import Case, Standing, case_of, surely_adds
from bot.risk.cautions import cautions_of
from bot.risk.checks import ACCOUNT_CONTROLS, CASE_CONTROLS, MARKET_CONTROLS, ORDER_CONTROLS
from bot.risk.checks.control import Control, held_to
from bot.risk.checks.market_checks import not_listed
from bot.risk.checks.wallet_checks import wrong_way
from bot.risk.figures import NOTHING, StepMargin, figures_of, in_all, margin_of_step
from bot.risk.flight import in_flight
from bot.risk.market import Trade, priced
from bot.risk.measure import admit, book_of
from bot.risk.projection import Book
from bot.risk.trial import Trial

CURABLE = frozenset({"RC13", "BK01", "BK03"})  # what collateral or money that comes later in the plan can cure
UNFIT = (PoiseError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # data no rule can judge
Subject = TypeVar("Subject")
OF_ORDER = {standing: held_to(ORDER_CONTROLS, standing) for standing in Standing}
OF_CASE = {standing: held_to(CASE_CONTROLS, standing) for standing in Standing}


class _Ready(NamedTuple):
    """One proposal with its orders priced; `number` is its place in the plan, from 0."""

    number: int
    proposal: Proposal
    trades: tuple[Trade, ...]
    transfers: tuple[TransferRequest, ...]
    cancels: tuple[CancelRequest, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it is of stops and cancellations alone: they come last, when what they guard is known."""
        stops = all(trade.order.type is OrderType.STOP for trade in self.trades)
        return stops and bool(self.trades or self.cancels) and not self.transfers

    @property
    def cancels_only(self) -> bool:
        """Whether it only takes orders back."""
        return not self.trades and not self.transfers


class _Found(NamedTuple):
    """A breach, and the control that found it."""

    breach: Breach
    control: Control[Any]


@dataclass(slots=True, kw_only=True)
class _Review:
    """A review under way."""

    account: Account
    book: Book
    margin: StepMargin | None = None
    general: Sequence[_Found] = ()
    of_market: dict[str, Sequence[_Found]] = field(default_factory=dict)
    approved: list[Approved] = field(default_factory=list)
    denied: list[tuple[int, Denied]] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    curable: list[_Ready] = field(default_factory=list)


def review(plan: Plan, snapshot: Snapshot, policy: Policy, memory: Memory) -> Verdict:
    """Return what may be done of a plan. Never raises: what cannot be judged is denied with code DATA.

    A proposal that lowers risk is judged before those that may add some, stops and cancellations last,
    else the plan's order is kept. One denied only for margin, distance to liquidation or free money is
    judged once more after the others. The approved stand in the order they were judged, which is the
    order to carry them out; the denied in the plan's, each with every breach. The figures after a step:
    see `margin_of_step`.
    """
    try:
        under_way = _open(snapshot, policy, memory)
        before = figures_of(under_way.book)
        ready = _prepare(under_way, plan)
        for case, one in _lowering_first(under_way, [one for one in ready if not one.waits]):
            _judge(under_way, case, one, may_wait=True)
        _judge_late(under_way, sorted(under_way.curable, key=lambda one: one.number))
        _judge_late(under_way, [one for one in ready if one.waits])
        return Verdict(
            approved=tuple(under_way.approved),
            denied=tuple(denied for _, denied in sorted(under_way.denied, key=lambda pair: pair[0])),
            cautions=cautions_of(under_way.account, under_way.trades),
            before=before,
            after=figures_of(under_way.book),
        )
    except UNFIT as error:
        return _nothing_judged(plan, error)


def _open(snapshot: Snapshot, policy: Policy, memory: Memory) -> _Review:
    board = Board(snapshot=snapshot, currency=policy.quote)
    flights = in_flight(snapshot, memory)
    book = book_of(board, policy, flights, memory.sleeves.claims)
    account = account_of(board, policy, memory, flights, book.totals)
    return _Review(account=account, book=book)


def _prepare(under_way: _Review, plan: Plan) -> list[_Ready]:
    """Return the proposals that can be priced; the others are denied. The plan's turnover is known after it."""
    ready: list[_Ready] = []
    for number, proposal in enumerate(plan.proposals):
        try:
            ready.append(_priced(under_way, number, proposal))
        except UNFIT as error:
            _deny(under_way, number, proposal, [_data(error)])
    account = under_way.account
    account.planned = sum((trade.value for one in ready for trade in one.trades), account.planned)
    under_way.general = _ask(ACCOUNT_CONTROLS, account)
    return ready


def _priced(under_way: _Review, number: int, proposal: Proposal) -> _Ready:
    """Return a proposal with its orders priced; raise an error naming what is missing or absurd."""
    if not proposal.legs:
        raise SnapshotUnavailable("the proposal has no legs", part="legs")
    for name in ("value", "cost", "deviation"):
        finite(f"proposal {name}", getattr(proposal, name))
    trades, transfers, cancels = [], [], []
    for leg in proposal.legs:
        if isinstance(leg, CancelRequest):
            cancels.append(leg)
        elif isinstance(leg, OrderRequest):
            trades.append(priced(leg, under_way.account.market(leg.symbol)))
        elif isinstance(leg, TransferRequest):
            positive("transfer amount", leg.amount)
            transfers.append(leg)
        else:
            raise SnapshotUnavailable(f"a leg is {leg!r}", part="legs")
    return _Ready(number, proposal, tuple(trades), tuple(transfers), tuple(cancels))


def _lowering_first(under_way: _Review, ready: Sequence[_Ready]) -> Iterator[tuple[Case, _Ready]]:
    """Yield each proposal laid over the book of that moment: those that lower risk first."""
    later: list[_Ready] = []
    for one in ready:
        if any(surely_adds(under_way.book, trade) for trade in one.trades):
            later.append(one)
            continue
        case = _case(under_way, one)
        if case is not None and case.standing is Standing.ADDS:
            later.append(one)
        elif case is not None:
            yield case, one
    for one in later:
        case = _case(under_way, one)
        if case is not None:
            yield case, one


def _case(under_way: _Review, one: _Ready) -> Case | None:
    """Return the proposal laid over the book; None when it was denied since it cannot be."""
    trial = Trial(under_way.book)
    try:
        strange = [breach for trade in one.trades if (breach := not_listed(trade.market))]
        strange += [breach for leg in one.transfers if (breach := wrong_way(leg, under_way.account.policy))]
        if strange:
            _deny(under_way, one.number, one.proposal, strange)
            return None
        for cancel in one.cancels:
            trial.cancel(cancel)
        for transfer in one.transfers:
            trial.move(transfer)
        for trade in one.trades:
            _lay(under_way, trial, trade)
        positive("equity after the proposal", trial.totals.equity)
        return case_of(under_way.account, one.proposal, trial, one.transfers)
    except UNFIT as error:
        _deny(under_way, one.number, one.proposal, [_data(error)])
        return None


def _lay(under_way: _Review, trial: Trial, trade: Trade) -> None:
    account = under_way.account
    admit(under_way.book, account.board, account.policy, trade.market.instrument)
    trial.trade(trade)


def _judge_late(under_way: _Review, waiting: Sequence[_Ready]) -> None:
    """Judge what waited, in the plan's order, on the book that the others have made."""
    for one in waiting:
        case = _case(under_way, one)
        if case is not None:
            _judge(under_way, case, one, may_wait=False)


def _judge(under_way: _Review, case: Case, one: _Ready, *, may_wait: bool) -> None:
    """Approve the case and let the book take it over, deny it with every breach, or let it wait for a cure."""
    breaches = [] if one.cancels_only else _breaches(under_way, case)
    if breaches:
        if may_wait and all(breach.code in CURABLE for breach in breaches):
            under_way.curable.append(one)
        else:
            _deny(under_way, one.number, case.proposal, breaches)
        return
    under_way.book.take(case.trial)
    under_way.trades.extend(case.trial.trades)
    if case.moves_margin or under_way.margin is None:
        under_way.margin = margin_of_step(under_way.book, case.trial.lines)
    after = in_all(under_way.book, under_way.margin)
    under_way.approved.append(Approved(proposal=case.proposal, after=after))


def _breaches(under_way: _Review, case: Case) -> list[Breach]:
    """Return every breach of a case, each once: account, markets, orders, then the book it would make."""
    standing = case.standing
    found = [one.breach for one in under_way.general if one.control.holds_for(standing)]
    for trade in case.trial.trades:
        symbol = trade.order.symbol
        if symbol not in under_way.of_market:
            under_way.of_market[symbol] = _ask(MARKET_CONTROLS, trade.market)
        found.extend(one.breach for one in under_way.of_market[symbol] if one.control.holds_for(standing))
        found.extend(one.breach for one in _ask(OF_ORDER[standing], (trade, case)))
    found.extend(one.breach for one in _ask(OF_CASE[standing], case))
    return list(dict.fromkeys(found)) if found else found


def _ask(controls: Sequence[Control[Subject]], subject: Subject) -> list[_Found]:
    """Return what the controls find; one that cannot tell finds DATA."""
    found = []
    for control in controls:
        try:
            breach = control.check(subject)
        except UNFIT as error:
            breach = _data(error, control.code)
        if breach is not None:
            found.append(_Found(breach, control))
    return found


def _data(error: Exception, code: str = "") -> Breach:
    """Return the breach that says what is missing or no number."""
    part = error.part if isinstance(error, SnapshotUnavailable) else "numbers"
    limit = f"{code} {part}".strip()
    return Breach(
        code="DATA", limit=limit, allowed="known and finite", actual=(str(error) or type(error).__name__)[:200]
    )


def _deny(under_way: _Review, number: int, proposal: Proposal, breaches: list[Breach]) -> None:
    under_way.denied.append((number, Denied(proposal=proposal, breaches=tuple(breaches))))


def _nothing_judged(plan: Plan, error: Exception) -> Verdict:
    """Return the verdict on a book that cannot be measured: everything denied, and no figures."""
    breach = _data(error)
    try:
        proposals = tuple(plan.proposals)
    except UNFIT:
        proposals = ()
    return Verdict(
        approved=(),
        denied=tuple(Denied(proposal=proposal, breaches=(breach,)) for proposal in proposals),
        cautions=(Caution(code="DATA", text=f"the book cannot be measured: {breach.actual}; the figures say nothing"),),
        before=NOTHING,
        after=NOTHING,
    )
