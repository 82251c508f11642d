"""The gate: what may not be done. Each proposal is judged whole, on the book the approved ones would make.

Unknown is no: a proposal is approved only when every number it rests on is known and every control
holds. Nothing but this file makes `Approved`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from bot.domain.memory import Memory
from bot.domain.numbers import finite, positive
from bot.domain.order import OrderRequest, TransferRequest
from bot.domain.plan import Approved, Breach, Caution, Denied, Plan, Proposal, Verdict
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.errors import PoiseError, SnapshotUnavailable
from bot.risk.account import Account, account_of
from bot.risk.case import Case, Standing
from bot.risk.cautions import cautions_of
from bot.risk.checks import ACCOUNT_CONTROLS, CASE_CONTROLS, MARKET_CONTROLS, ORDER_CONTROLS
from bot.risk.checks.control import Control
from bot.risk.checks.market_checks import not_listed
from bot.risk.checks.wallet_checks import wrong_way
from bot.risk.figures import NOTHING, CoinMargined, coin_margined, figures_of, figures_of_step
from bot.risk.flight import in_flight
from bot.risk.market import Trade, priced
from bot.risk.measure import book_of, contract_of
from bot.risk.projection import Book, Trial

UNFIT = (PoiseError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # data no rule can judge
Subject = TypeVar("Subject")


class _Ready(NamedTuple):
    """One proposal with its orders priced; `number` is its place in the plan, from 0."""

    number: int
    proposal: Proposal
    trades: tuple[Trade, ...]
    transfers: tuple[TransferRequest, ...]


class _Found(NamedTuple):
    """A breach, and the control that found it."""

    breach: Breach
    spares: Standing | None


@dataclass(slots=True, kw_only=True)
class _Review:
    """A review under way."""

    account: Account
    book: Book
    coin: CoinMargined
    general: tuple[_Found, ...] = ()
    of_market: dict[str, tuple[_Found, ...]] = field(default_factory=dict)
    approved: list[Approved] = field(default_factory=list)
    denied: list[tuple[int, Denied]] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)


def review(plan: Plan, snapshot: Snapshot, policy: Policy, memory: Memory) -> Verdict:
    """Return what may be done of a plan. Never raises: what cannot be judged is denied with code DATA.

    A proposal that lowers risk is judged before those that may add some, else the plan's order is kept.
    The approved stand in the order they were judged, which is the order to carry them out; the denied
    in the plan's, each with every breach. The figures after a step: see `figures_of_step`.
    """
    try:
        under_way = _open(snapshot, policy, memory)
        before = figures_of(under_way.book, under_way.coin)
        ready = _prepare(under_way, plan)
        for case, number in _lowering_first(under_way, ready):
            _judge(under_way, case, number)
        return Verdict(
            approved=tuple(under_way.approved),
            denied=tuple(denied for _, denied in sorted(under_way.denied, key=lambda pair: pair[0])),
            cautions=cautions_of(under_way.account, under_way.trades),
            before=before,
            after=figures_of(under_way.book, under_way.coin),
        )
    except UNFIT as error:
        return _nothing_judged(plan, error)


def _open(snapshot: Snapshot, policy: Policy, memory: Memory) -> _Review:
    flights = in_flight(snapshot, memory)
    book = book_of(snapshot, policy, flights)
    account = account_of(snapshot, policy, memory, flights, book.totals.equity)
    return _Review(account=account, book=book, coin=coin_margined(snapshot))


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
    under_way.general = _ask_all(ACCOUNT_CONTROLS, account)
    return ready


def _priced(under_way: _Review, number: int, proposal: Proposal) -> _Ready:
    """Return a proposal with its orders priced; raise an error naming what is missing or absurd."""
    if not proposal.legs:
        raise SnapshotUnavailable("the proposal has no legs", part="legs")
    for name in ("value", "cost", "deviation"):
        finite(f"proposal {name}", getattr(proposal, name))
    trades, transfers = [], []
    for leg in proposal.legs:
        if isinstance(leg, OrderRequest):
            trades.append(priced(leg, under_way.account.market(leg.symbol)))
        elif isinstance(leg, TransferRequest):
            positive("transfer amount", leg.amount)
            transfers.append(leg)
        else:
            raise SnapshotUnavailable(f"a leg is {leg!r}", part="legs")
    return _Ready(number, proposal, tuple(trades), tuple(transfers))


def _lowering_first(under_way: _Review, ready: Sequence[_Ready]) -> Iterator[tuple[Case, int]]:
    """Yield each proposal laid over the book of that moment: those that lower risk first."""
    later: list[tuple[_Ready, Case, int]] = []
    for one in ready:
        case = _case(under_way, one)
        if case is None:
            continue
        if case.standing is Standing.ADDS:
            later.append((one, case, under_way.book.version))
        else:
            yield case, one.number
    for one, early, version in later:
        case = early if version == under_way.book.version else _case(under_way, one)
        if case is not None:
            yield case, one.number


def _case(under_way: _Review, one: _Ready) -> Case | None:
    """Return the proposal laid over the book; None when it was denied since it cannot be."""
    account, trial = under_way.account, Trial(under_way.book)
    case = Case(account, one.proposal, trial, one.transfers)
    try:
        strange = [breach for trade in one.trades if (breach := not_listed(trade.market))]
        strange += [breach for breach in (wrong_way(case),) if breach]
        if strange:
            _deny(under_way, one.number, one.proposal, strange)
            return None
        for transfer in one.transfers:
            trial.move(transfer)
        for trade in one.trades:
            _lay(under_way, trial, trade)
        positive("equity after the proposal", trial.totals.equity)
        positive("equity after the proposal", trial.totals.whole)
    except UNFIT as error:
        _deny(under_way, one.number, one.proposal, [_data(error)])
        return None
    return case


def _lay(under_way: _Review, trial: Trial, trade: Trade) -> None:
    symbol, instrument = trade.order.symbol, trade.market.instrument
    contracts = under_way.book.contracts
    if not instrument.kind.is_spot and symbol not in contracts:
        contracts[symbol] = contract_of(under_way.account.snapshot, under_way.account.policy, instrument)
    trial.trade(trade)


def _judge(under_way: _Review, case: Case, number: int) -> None:
    """Approve the case and let the book take it over, or deny it with every breach."""
    breaches = _breaches(under_way, case)
    if breaches:
        _deny(under_way, number, case.proposal, breaches)
        return
    under_way.book.take(case.trial)
    under_way.trades.extend(case.trial.trades)
    after = figures_of_step(under_way.book, under_way.coin, case.trial.lines)
    under_way.approved.append(Approved(proposal=case.proposal, after=after))


def _breaches(under_way: _Review, case: Case) -> list[Breach]:
    """Return every breach of a case, each once: account, markets, orders, then the book it would make."""
    try:
        standing = case.standing
    except UNFIT as error:
        return [_data(error)]
    found = [one for one in under_way.general if _holds(one.spares, standing)]
    for trade in case.trial.trades:
        symbol = trade.order.symbol
        if symbol not in under_way.of_market:
            under_way.of_market[symbol] = _ask_all(MARKET_CONTROLS, trade.market)
        found.extend(one for one in under_way.of_market[symbol] if _holds(one.spares, standing))
        found.extend(_ask_all(ORDER_CONTROLS, (trade, case), standing))
    found.extend(_ask_all(CASE_CONTROLS, case, standing))
    return list(dict.fromkeys(one.breach for one in found))


def _holds(spares: Standing | None, standing: Standing) -> bool:
    return spares is None or standing < spares


def _ask_all(
    controls: Sequence[Control[Subject]], subject: Subject, standing: Standing = Standing.ADDS
) -> tuple[_Found, ...]:
    """Return what the controls that hold for a standing find; a control that cannot tell finds DATA."""
    found = []
    for control in controls:
        if not _holds(control.spares, standing):
            continue
        try:
            breach = control.check(subject)
        except UNFIT as error:
            breach = _data(error, control.code)
        if breach is not None:
            found.append(_Found(breach, control.spares))
    return tuple(found)


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
