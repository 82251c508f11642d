"""Which pairs can be paid: the core first, then whole pairs, then the part of one that the rest can pay."""

from decimal import Decimal

from bot.domain.order import Sleeve
from bot.policy.core_trades import CoreTrades
from bot.policy.draft import Draft
from bot.policy.exposure import measure_exposure
from bot.policy.sleeve_wishes import NO_WISHES, affordable_pairs
from bot.policy.wants import PairWant
from tests.builders import Number, a_memory, a_policy, a_snapshot, d, wide_limits
from tests.unit.policy.test_netting import a_want

PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
NOTHING = CoreTrades(values={}, reasons={})


def a_draft(money: Number) -> Draft:
    """An empty plan over free money, of which 10 % of equity stays in reserve; no slippage, 10 bp of fee."""
    snapshot = a_snapshot(price={"BTC": 50_000, "ETH": 2_500}, spot={"USDT": money})
    policy = a_policy(limits=wide_limits(max_slippage=d(0)))
    return Draft(policy=policy, snapshot=snapshot, exposure=measure_exposure(snapshot, policy), memory=a_memory())


def a_pair(coins: Number, *, leaves: bool = False) -> PairWant:
    """Coins bought and sold short by a perpetual, or the other way round."""
    signed = -d(coins) if leaves else d(coins)
    return PairWant(
        contract=a_want(Sleeve.CARRY, -signed, rule="pair", leaves=leaves),
        spot=a_want(Sleeve.CARRY, signed, rule="pair", symbol=SPOT, leaves=leaves),
    )


def sizes(pairs: tuple[PairWant, ...]) -> list[tuple[Decimal, Decimal]]:
    """Contracts and coins of each pair."""
    return [(pair.contract.quantity, pair.spot.quantity) for pair in pairs]


def test_a_pair_takes_its_coins_and_half_as_much_collateral() -> None:
    """One BTC: 50,050 with the fee and 25,000 at 2x are 75,050; of 84,000 a tenth stays, 75,600 less the fee."""
    assert sizes(affordable_pairs(a_draft(84_000), NOTHING, (a_pair(1),))) == [(-1, 1)]


def test_a_pair_that_cannot_be_paid_whole_is_cut_to_what_can() -> None:
    """45,000 of 50,000 are free, 44,955.04 at the worst price: 0.599 of 75,050."""
    draft = a_draft(50_000)
    ((short, coins),) = sizes(affordable_pairs(draft, NOTHING, (a_pair(1),)))
    assert (short, coins) == (d("-0.599"), d("0.59900"))
    assert draft.skipped == []


def test_what_would_be_left_of_a_pair_is_not_worth_its_orders() -> None:
    """4,495 of 75,050 is less than a tenth: left out, with both figures."""
    draft = a_draft(5_000)
    assert affordable_pairs(draft, NOTHING, (a_pair(1),)) == ()
    (skipped,) = draft.skipped
    assert skipped.reason == "not enough free money: it takes 75050.00, 4495.50 is free"


def test_a_pair_smaller_than_a_step_is_left_out() -> None:
    """A tenth of a contract of one step."""
    draft = a_draft(20)
    assert affordable_pairs(draft, NOTHING, (a_pair("0.001"),)) == ()
    assert len(draft.skipped) == 1


def test_the_core_is_paid_first() -> None:
    """90,000 above the reserve buy 89,910 with the fee; 60,000 are the core's, 29,910 are 0.398 of 75,050."""
    core = CoreTrades(values={"BTC": d(60_000)}, reasons={})
    ((short, _),) = sizes(affordable_pairs(a_draft(100_000), core, (a_pair(1),)))
    assert short == d("-0.398")


def test_leaving_costs_nothing_and_the_second_pair_gets_what_the_first_leaves() -> None:
    """One goes out whatever the money; of two that come in the second is cut."""
    pairs = affordable_pairs(a_draft(100_000), NOTHING, (a_pair(5, leaves=True), a_pair(1), a_pair(1)))
    assert sizes(pairs)[:2] == [(5, -5), (-1, 1)]
    assert -d("0.2") < sizes(pairs)[2][0] < -d("0.19")


def test_without_wishes_nothing_is_wanted() -> None:
    """The plain policy."""
    assert list(NO_WISHES.wants) == []
    assert NO_WISHES.overlay.leaving == frozenset()
