"""One purse behind spot and futures: what is margin, what may be spent, and a second look that agrees with it."""

from dataclasses import replace

import pytest

from bot.cycle import run_cycle
from bot.decide import decide
from bot.domain.instrument import WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve, TransferReport, TransferRequest
from bot.domain.rules import SweepRules
from bot.domain.sleeves import SleeveState
from bot.domain.snapshot import Balance, Snapshot, Wallets
from bot.policy.pool import divided
from bot.simulator.venue import SimulatedVenue
from tests.builders import Number, a_memory, a_policy, a_short, a_snapshot, d
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
    snapshot = a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES)
    decision = decide(a_policy(), replace(snapshot, wallets=Wallets.APART), a_memory())
    legs = [leg for one in decision.plan.proposals for leg in one.legs]
    assert not any(isinstance(leg, TransferRequest) for leg in legs)
    assert any("futures wallet" in one.text for one in decision.plan.advice)


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
