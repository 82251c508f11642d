"""How a cycle ends: lines that close exactly, claims that follow what was filled, alarms beyond what is tolerated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.attribution import unexplained
from bot.attribution.tally import in_units
from bot.cycle import run_cycle
from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.memory import TradingState
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.record import DiscrepancyKind, Settlement, Source
from bot.domain.rules import RatioRule, RatioTrigger
from bot.domain.snapshot import Snapshot
from bot.settling import settle_books, write_ending
from bot.simulator.synthetic import synthetic_market
from bot.simulator.venue import SimulatedVenue
from tests.builders import Number, a_policy, d
from tests.desk import NEW_YEAR, Desk
from tests.unit.policy.pairs import the_rules

JUNE = "BTC/USDT:USDT-260626"
DELIVERED = datetime(2026, 6, 26, 9, tzinfo=UTC)  # an hour after the contract's end


def a_carry_desk() -> Desk:
    """100,000 USDT; 40 % bitcoin and, with a fifth, pairs of bitcoin and dated contracts that are held to the end."""
    rules = the_rules(kinds=(Kind.LINEAR_FUTURE,), enter_apr=d("0.02"), leave_apr=d(-1))
    policy = a_policy(assets={"BTC": 1}, core=("0.3", "0.4", "0.5"), hedge=None, carry=rules)
    return Desk(policy=policy, market=synthetic_market(7, kinds=frozenset(Kind)))


async def settled(desk: Desk, *, at: datetime | None = None) -> Settlement:
    """The end of the next cycle, an hour after the last one unless said."""
    if desk.fake.settlements:
        await desk.clock.sleep_until(at or desk.clock.now() + timedelta(hours=1))
    return (await run_cycle(desk.parts())).settlement


def earned(now: Settlement, sleeve: Sleeve, source: Source) -> Decimal:
    """What one sleeve gained from one source."""
    return sum((one.amount for one in now.profits if (one.sleeve, one.source) == (sleeve, source)), ZERO)


def change(before: Settlement, now: Settlement) -> Decimal:
    """The change of equity between two settlements, in units of the books."""
    return in_units(now.performance.equity) - in_units(before.performance.equity)


def total(now: Settlement) -> Decimal:
    """The lines of a settlement, added up."""
    return sum((line.amount for line in now.profits), ZERO)


# ── the first settlement ─────────────────────────────────────────────────────


async def test_what_a_first_cycle_found_is_settled_before_it_trades() -> None:
    """100,000 and one unit, nothing claimed and nothing earned; then the fees of the first orders."""
    desk = Desk()
    ended = await settled(desk)
    opening = desk.fake.settlements[0]
    assert (opening.performance.equity, opening.performance.unit) == (100_000, 1)
    assert (opening.profits, opening.discrepancies, opening.sleeves.claims, opening.positions) == ((), (), (), {})
    assert opening.ledger_sequence == opening.epoch
    assert desk.fake.settlements[1:] == [ended]
    assert total(ended) == change(opening, ended)
    assert {line.source for line in ended.profits} == {Source.FEES, Source.SLIPPAGE}


class SparseVenue(SimulatedVenue):
    """A venue whose ledger is numbered by thousands, and whose epoch is made of balances, so that it may fall."""

    async def snapshot(self) -> Snapshot:
        """The ledger's place is the last number before the next entry's; the epoch falls with every event."""
        told = await super().snapshot()
        return replace(told, epoch=1_000_000 - told.epoch, ledger_sequence=told.ledger_sequence * 1000 + 999)

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Each entry a thousand after the one before it."""
        return tuple(replace(one, sequence=one.sequence * 1000) for one in await super().ledger(after // 1000))


async def test_the_ledger_is_read_by_its_own_numbers_whatever_the_epoch_is() -> None:
    """Two cycles and an hour: the same entries, lines and book as where both are one number; each entry once."""
    plain, sparse = Desk(), Desk()
    other = SparseVenue(sparse.venue._market, sparse.clock, sparse.venue.state)
    for desk, exchange in ((plain, plain.exchange), (sparse, other)):
        await run_cycle(desk.parts(exchange=exchange))
        await desk.clock.sleep_until(desk.clock.now() + timedelta(hours=9))
        await run_cycle(desk.parts(exchange=exchange))
    assert [one.discrepancies for one in sparse.fake.settlements] == [(), (), ()]
    assert [one.profits for one in sparse.fake.settlements] == [one.profits for one in plain.fake.settlements]
    assert [one.sequence // 1000 for one in sparse.fake.entries] == [one.sequence for one in plain.fake.entries]
    assert any(one.kind is EntryKind.FUNDING for one in sparse.fake.entries)


# ── claims and lines of a whole book ─────────────────────────────────────────


async def test_a_pair_that_was_entered_is_claimed_by_both_legs() -> None:
    """As many coins as contracts, to the step of a contract, at the prices that were paid."""
    desk = a_carry_desk()
    ended = await settled(desk)
    claims = {claim.symbol: claim for claim in ended.sleeves.claims}
    assert set(claims) == {JUNE, "BTC/USDT"}
    assert {(claim.sleeve, claim.rule) for claim in claims.values()} == {(Sleeve.CARRY, JUNE)}
    assert abs(claims[JUNE].quantity + claims["BTC/USDT"].quantity) < d("0.001")
    assert claims[JUNE].quantity == ended.positions[JUNE].quantity
    assert {claim.opened_at for claim in claims.values()} == {NEW_YEAR}
    assert earned(ended, Sleeve.CARRY, Source.FEES) < 0
    assert total(ended) == change(desk.fake.settlements[0], ended)


async def test_a_delivered_contract_ends_its_claim_and_the_books_close() -> None:
    """At its end the contract stands where spot does: the pair has earned its basis; the coins are sold after it."""
    desk = a_carry_desk()
    entered = await settled(desk)
    (short,) = [claim for claim in entered.sleeves.claims if claim.symbol == JUNE]
    coins = next(claim for claim in entered.sleeves.claims if claim.symbol == "BTC/USDT")
    ended = await settled(desk, at=DELIVERED)
    assert JUNE not in {claim.symbol for claim in ended.sleeves.claims}
    assert JUNE not in ended.positions
    assert total(ended) == change(entered, ended)
    assert unexplained(ended.profits) == 0
    assert desk.control.state() == (TradingState.ACTIVE, "")
    basis = -short.quantity * (short.entry - coins.entry)
    gained = earned(ended, Sleeve.CARRY, Source.BASIS) + earned(ended, Sleeve.CARRY, Source.SLIPPAGE)
    assert gained == pytest.approx(basis, rel=d("0.1"))


async def test_a_delivered_contract_nobody_held_is_not_looked_for() -> None:
    """Half a year passes in a market of dated contracts, and the book has none: no cycle is asked for its rules."""
    policy = a_policy(assets={"BTC": 1}, hedge=None)
    desk = Desk(policy=policy, market=synthetic_market(7, kinds=frozenset(Kind)))
    first = await settled(desk)
    ended = await settled(desk, at=DELIVERED)
    assert total(ended) == change(first, ended)


async def test_the_ratio_of_a_rule_is_remembered() -> None:
    """The settlement keeps what the decision came to: the day, its first target and the rules that are on."""
    rule = RatioRule(name="calm", trigger=RatioTrigger.VOLATILITY, days=30, enter=d(0), leave=d(0), ratio=d("0.3"))
    policy = a_policy(assets={"BTC": 1}, hedge=(0, "0.1", "0.5"))
    assert policy.hedge is not None
    policy = replace(policy, hedge=replace(policy.hedge, rules=(rule,)))
    ended = await settled(Desk(policy=policy))
    state = ended.sleeves.ratio("BTC")
    assert state is not None
    assert (state.target, state.active, state.day) == (d("0.3"), ("calm",), "2026-01-01")


# ── money that came and went ─────────────────────────────────────────────────


async def test_what_came_after_the_last_look_is_settled_in_the_next_cycle() -> None:
    """1,000 arrive between the last snapshot and the reading of the ledger: not in this ending."""
    desk = Desk(policy=idle())
    first = await settled(desk)
    after = await desk.venue.snapshot()
    desk.venue.deposit(WalletKind.SPOT, "USDT", d(1_000))
    ending = await settle_books(desk.parts(), desk.fake.cycles[-1], first, after)
    assert ending.entries == ()
    ended = await write_ending(desk.parts(), ending)
    assert (ended.performance.equity, ended.performance.unit, ended.profits) == (100_000, 1, ())
    second = await settled(desk)
    assert earned(second, Sleeve.RESERVE, Source.FLOWS) == 1_000
    assert (second.performance.equity, second.performance.unit) == (101_000, 1)


async def test_a_coin_without_a_price_is_no_flow() -> None:
    """It is in no equity either: the unit stays where it was."""
    desk = Desk(policy=idle())
    await settled(desk)
    desk.venue.deposit(WalletKind.SPOT, "AIRDROP", d(1_000))
    ended = await settled(desk)
    assert (ended.performance.equity, ended.performance.unit) == (100_000, 1)
    assert total(ended) == 0


def idle() -> Policy:
    """Cash is fine: nothing is ever bought."""
    return a_policy(core=(0, 0, 1), hedge=None)


# ── what no source explains ──────────────────────────────────────────────────


async def after_a_loss_of(amount: Number) -> tuple[Desk, Settlement]:
    """A cycle after one whose equity is remembered higher than it was."""
    desk = Desk(policy=idle())
    left = await settled(desk)
    performance = replace(left.performance, equity=left.performance.equity + d(amount))
    desk.fake.settlements[-1] = replace(left, performance=performance)
    return desk, await settled(desk)


async def test_an_unexplained_result_beyond_what_is_tolerated_stops_openings() -> None:
    """0.5 % of 100,000 is tolerated: 501 are too much, with their amount in the reason."""
    desk, ended = await after_a_loss_of(501)
    (found,) = ended.discrepancies
    assert (found.kind, found.subject, found.expected, found.actual, found.value) == (
        DiscrepancyKind.UNEXPLAINED_RESULT, "USDT", 0, -501, 501,
    )  # fmt: skip
    assert found.halts
    state, reason = desk.control.state()
    assert state is TradingState.REDUCING
    assert reason == (
        "unexplained-result USDT: of the change of equity, -501.00 USDT come from no price, fee, funding or flow"
    )


@pytest.mark.parametrize("amount", [500, -500, "0.01"])
async def test_a_smaller_one_is_only_written_down(amount: Number) -> None:
    """A discrepancy that halts nothing, gain or loss."""
    desk, ended = await after_a_loss_of(amount)
    (found,) = ended.discrepancies
    assert (found.kind, found.actual, found.halts) == (DiscrepancyKind.UNEXPLAINED_RESULT, -d(amount), False)
    assert desk.control.state() == (TradingState.ACTIVE, "")


async def test_an_unexplained_gain_alarms_as_well() -> None:
    """Money from nowhere is as wrong as money that is gone."""
    desk, ended = await after_a_loss_of(-501)
    assert unexplained(ended.profits) == 501
    assert desk.control.state()[0] is TradingState.REDUCING
