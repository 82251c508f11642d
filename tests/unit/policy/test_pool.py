"""One purse behind spot and futures: what is margin, what may be spent, and a second look that agrees with it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.cycle import run_cycle
from bot.decide import decide
from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import Leg, OrderRequest, Sleeve, TransferReport, TransferRequest
from bot.domain.plan import Decision
from bot.domain.policy import Policy
from bot.domain.rules import SweepRules
from bot.domain.sleeves import SleeveState
from bot.domain.snapshot import Balance, Snapshot, Wallets
from bot.policy.exposure import measure_exposure
from bot.policy.pool import divided
from bot.simulator.venue import SimulatedVenue
from tests.builders import Number, a_memory, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d
from tests.desk import Desk

PRICES = {"BTC": 50_000, "ETH": 2_500}
LINEAR, SPOT = WalletKind.LINEAR, WalletKind.SPOT


def a_pool(*, money: Number, locked: Number = 0, short: Number = 0, entry: Number = 50_000) -> Snapshot:
    """One BTC and a purse of USDT in one account, perhaps with a short."""
    shorts = (a_short("BTC", short, entry=entry),) if d(short) else ()
    snapshot = a_snapshot(spot={"BTC": 1}, price=PRICES, shorts=shorts)
    purse = Balance(wallet=LINEAR, asset="USDT", free=d(money) - d(locked), locked=d(locked))
    coins = tuple(b for b in snapshot.balances if b.asset == "BTC")
    return replace(snapshot, balances=(*coins, purse), wallets=Wallets.POOLED)


def shares(snapshot: Snapshot) -> tuple[object, object]:
    """What stands as margin, and what is spendable."""
    found = {b.wallet: b for b in divided(snapshot, a_policy()).balances if b.asset == "USDT"}
    return found[LINEAR].total, found[SPOT].free


def test_without_contracts_all_of_the_purse_is_spendable() -> None:
    """Nothing stands as margin for nothing."""
    assert shares(a_pool(money=20_000)) == (0, 20_000)


def test_open_contracts_stand_at_the_target_leverage() -> None:
    """A short of 0.2 BTC at 50,000 is 10,000; at 2x it needs 5,000 of the purse."""
    assert shares(a_pool(money=20_000, short="0.2")) == (5_000, 15_000)


def test_a_profit_is_margin_already() -> None:
    """Sold at 52,000, marked at 50,000: 400 of the 5,000 are there as profit."""
    assert shares(a_pool(money=20_000, short="0.2", entry=52_000)) == (4_600, 15_400)


def test_what_the_venue_holds_is_never_spendable() -> None:
    """7,000 are locked at the venue, more than the 5,000 that the target wants."""
    assert shares(a_pool(money=20_000, locked=7_000, short="0.2")) == (7_000, 13_000)


def test_a_purse_too_small_is_all_margin() -> None:
    """5,000 are wanted, 3,000 are there."""
    assert shares(a_pool(money=3_000, short="0.2")) == (3_000, 0)


def test_other_accounts_are_shown_as_they_are() -> None:
    """Only a pooled account is divided."""
    snapshot = replace(a_pool(money=20_000, short="0.2"), wallets=Wallets.SEPARATE)
    assert divided(snapshot, a_policy()) is snapshot


@pytest.mark.parametrize("short", [0, "0.2", "0.9"])
@pytest.mark.parametrize("locked", [0, 7_000])
def test_dividing_changes_no_equity_and_dividing_twice_nothing(short: Number, locked: int) -> None:
    """One BTC, 20,000 in the purse, and a short that has lost 1,000 a coin: the parts make the same whole."""
    raw = a_pool(money=20_000, locked=locked, short=short, entry=49_000)
    once = divided(raw, a_policy())
    equity = 50_000 + 20_000 - d(short) * 1_000
    assert measure_exposure(raw, a_policy()).account_equity == equity
    assert measure_exposure(once, a_policy()).account_equity == equity
    assert divided(once, a_policy()) == once


def with_coin_contracts(snapshot: Snapshot, contracts: Number = 0) -> Snapshot:
    """BTC/USD:BTC of 100 USD each is listed at 50,000 too; `contracts` of it are sold short."""
    symbol = "BTC/USD:BTC"
    short = a_short("BTC", contracts, entry=50_000, symbol=symbol) if d(contracts) else None
    return replace(
        snapshot,
        instruments={**snapshot.instruments, symbol: an_inverse_perpetual()},
        quotes={**snapshot.quotes, symbol: a_quote(symbol, 50_000)},
        positions={**snapshot.positions, **({symbol: short} if short else {})},
    )


def hedged_with(kind: Kind, **changes: Any) -> Policy:
    """The usual policy, hedged with one kind of contract."""
    policy = a_policy()
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, instrument=kind, **changes))


def legs_of(decision: Decision) -> list[Leg]:
    """All that is proposed."""
    return [leg for one in decision.plan.proposals for leg in one.legs]


def test_one_purse_sets_no_coins_aside_and_says_so() -> None:
    """A hedge in coin-margined contracts would need a wallet that is not there: nothing of it is proposed."""
    snapshot = with_coin_contracts(a_pool(money=20_000))
    policy = hedged_with(Kind.INVERSE_PERPETUAL)
    pooled = decide(policy, snapshot, a_memory())
    assert not [leg for leg in legs_of(pooled) if ":" in getattr(leg, "symbol", "") or isinstance(leg, TransferRequest)]
    assert "inverse-perpetual contracts are margined in coins" in " ".join(pooled.notes)
    separate = decide(policy, replace(snapshot, wallets=Wallets.SEPARATE), a_memory())
    assert any(isinstance(leg, TransferRequest) and leg.target is WalletKind.INVERSE for leg in legs_of(separate))
    assert "margined in coins" not in " ".join(separate.notes)


def test_where_both_would_do_one_purse_hedges_with_the_linear_contract() -> None:
    """The coin-margined one is named first and passed over."""
    policy = hedged_with(Kind.LINEAR_PERPETUAL, choices=(Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL))
    decision = decide(policy, with_coin_contracts(a_pool(money=20_000)), a_memory())
    hedges = {leg.symbol for leg in legs_of(decision) if isinstance(leg, OrderRequest) and ":" in leg.symbol}
    assert hedges == {"BTC/USDT:USDT", "ETH/USDT:USDT"}


def test_a_coin_margined_position_opened_by_hand_takes_none_of_the_purse() -> None:
    """150 contracts of 100 are short 0.3 BTC: counted, and no margin is moved for them in coins or in money."""
    snapshot = with_coin_contracts(a_pool(money=20_000), contracts=150)
    assert shares(snapshot) == (0, 20_000)
    decision = decide(hedged_with(Kind.INVERSE_PERPETUAL), snapshot, a_memory())
    assert decision.exposure.assets["BTC"].contract_coins == d("-0.3")
    assert not any(isinstance(leg, TransferRequest) for leg in legs_of(decision))


@pytest.mark.parametrize("wallets", [Wallets.POOLED, Wallets.APART])
def test_profit_is_never_swept_where_nothing_can_move(wallets: Wallets) -> None:
    """Apart, a person is told; in one purse there is nothing to sweep."""
    rules = SweepRules(
        floor=ZERO, minimum=ZERO, max_daily=d("0.5"), min_survival=ZERO, to=Sleeve.RESERVE, advise_only=False
    )
    snapshot = replace(a_pool(money=60_000), wallets=wallets)
    memory = replace(a_memory(), sleeves=SleeveState(claims=(), settled=d(5_000), ratios=(), rests=()))
    decision = decide(replace(a_policy(hedge=None), sweep=rules), snapshot, memory)
    assert [p for p in decision.plan.proposals if p.sleeve is Sleeve.RESERVE] == []
    assert any(one.subject == "sweep" for one in decision.plan.advice) == (wallets is Wallets.APART)


def test_apart_wallets_get_advice_and_no_transfer() -> None:
    """The futures wallet is empty and nobody can fill it by a request: the plan says what a person should move."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    decision = decide(a_policy(), replace(snapshot, wallets=Wallets.APART), a_memory())
    assert not any(isinstance(leg, TransferRequest) for leg in legs_of(decision))
    assert any("futures wallet" in one.text for one in decision.plan.advice)
    hedges = [leg.symbol for leg in legs_of(decision) if isinstance(leg, OrderRequest)]
    assert hedges == ["BTC/USDT:USDT", "ETH/USDT:USDT"]
    assert not decision.verdict.approved
    assert {breach.code for one in decision.verdict.denied for breach in one.breaches} == {"BK03"}


def test_apart_wallets_are_traded_with_once_a_person_has_moved_the_margin() -> None:
    """The same book with 5,000 USDT of margin moved by hand: the hedges pass and no advice is left."""
    snapshot = a_snapshot(
        spot={"BTC": "0.84", "ETH": "11.2", "USDT": 25_000}, price=PRICES, futures_usdt=5_000, wallets=Wallets.APART
    )
    decision = decide(a_policy(), snapshot, a_memory())
    assert len(decision.verdict.approved) == len(decision.plan.proposals) == 2
    assert decision.plan.advice == ()


class PooledVenue(SimulatedVenue):
    """The simulated venue shown as one purse: money is moved behind the curtain, and told nowhere."""

    async def snapshot(self) -> Snapshot:
        """All quote money in the linear wallet."""
        told = await super().snapshot()
        money = [b for b in told.balances if b.asset == "USDT"]
        purse = Balance(
            wallet=LINEAR,
            asset="USDT",
            free=sum((b.free for b in money), ZERO),
            locked=sum((b.locked for b in money), ZERO),
        )
        others = tuple(b for b in told.balances if b.asset != "USDT")
        return replace(told, balances=(*others, purse), wallets=Wallets.POOLED)

    async def find_transfer(self, *asked: object) -> TransferReport | None:
        """Setting aside is always done."""
        return None

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Money in the linear wallet; what moved behind the curtain is not told."""
        entries = await super().ledger(after)
        told = [one for one in entries if one.kind != "transfer"]
        return tuple(replace(one, wallet=LINEAR) if one.asset == "USDT" else one for one in told)


async def test_a_cycle_balances_one_purse_and_the_next_finds_nothing_to_do() -> None:
    """Buys, hedges and sets margin aside; then the books close, nothing is unexplained, and nothing is proposed."""
    desk = Desk(spot={"USDT": 100_000})
    pooled = PooledVenue(desk.venue._market, desk.clock, desk.venue.state)
    parts = desk.parts(exchange=pooled)
    first = await run_cycle(parts)
    assert first.complete
    assert first.discrepancies == ()
    assert (await pooled.snapshot()).positions
    second = await run_cycle(parts)
    assert second.decision.plan.proposals == ()
    assert second.discrepancies == ()
