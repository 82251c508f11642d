"""Which pairs are placed: no two share an instrument; then the core is paid, whole pairs, a part of one."""

from decimal import Decimal

from bot.decide import decide
from bot.domain.instrument import Kind
from bot.domain.order import OrderRequest, Sleeve
from bot.policy.core.trades import CoreTrades
from bot.policy.exposure import measure_exposure
from bot.policy.hedge.trades import HedgeTrade
from bot.policy.plan.draft import Draft
from bot.policy.plan.wants import PairWant
from bot.policy.plan.wishes import NO_WISHES, affordable_pairs, guarded_entries, standing_apart
from tests.builders import Number, a_memory, a_policy, a_snapshot, d, wide_limits
from tests.unit.policy.books import FAR, NEAR, a_dated, a_position, hedged_with, with_contracts
from tests.unit.policy.plan.test_netting import a_want

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


def a_hedge(symbol: str = PERP, rolls_from: str = "") -> HedgeTrade:
    """One coin sold short, in the place of another contract where it says so."""
    rolled = d(1 if rolls_from else 0)
    return HedgeTrade(
        asset="BTC", symbol=symbol, coins=d(1), quantity=d(1), reason="test", rolls_from=rolls_from, rolled=rolled
    )


def test_pairs_that_share_nothing_are_all_kept() -> None:
    """A roll between two dated contracts, carry of the perpetual; a plain hedge may share what it likes."""
    hedges, pairs = (a_hedge(), a_hedge(FAR, rolls_from=NEAR)), (a_pair(1),)
    assert standing_apart(a_draft(100_000), hedges, pairs) == (hedges, pairs)


def test_of_two_rolls_into_one_contract_the_second_waits() -> None:
    """Both sales would be one order, which cannot be the second leg of two purchases."""
    draft = a_draft(100_000)
    first, second = a_hedge(rolls_from=NEAR), a_hedge(rolls_from=FAR)
    assert standing_apart(draft, (first, second), ()) == ((first,), ())
    (skipped,) = draft.skipped
    assert skipped.reason == "waits for the next cycle: BTC/USDT:USDT is traded in a pair"
    assert (skipped.sleeve, skipped.value) == (Sleeve.HEDGE, 50_000)


def test_carry_waits_while_its_contract_takes_over_a_hedge() -> None:
    """The hedge rolls into the perpetual that carry sells; the second of two pairs over one spot waits too."""
    draft = a_draft(100_000)
    rolled = a_hedge(rolls_from=NEAR)
    assert standing_apart(draft, (rolled,), (a_pair(1),)) == ((rolled,), ())
    assert standing_apart(draft, (), (a_pair(1), a_pair(2))) == ((), (a_pair(1),))
    assert [one.sleeve for one in draft.skipped] == [Sleeve.CARRY, Sleeve.CARRY]


def test_shorts_that_expire_together_are_rolled_cycle_after_cycle() -> None:
    """Short 3 and 2 in two contracts inside the window: 3 are sold in the far one now, never 5 for each."""
    nearer = "BTC/USDT:USDT-260109"
    shorts = (a_position(nearer, -3, 70_000), a_position(NEAR, -2, 70_000))
    plain = a_snapshot(
        price={"BTC": 70_000}, spot={"BTC": 10, "USDT": 100_000}, futures_usdt=175_000, shorts=shorts
    )  # fmt: skip
    book = with_contracts(plain, a_dated(nearer, 8), a_dated(NEAR, 9), a_dated(FAR, 90), price=70_000)
    plan = decide(hedged_with(Kind.LINEAR_FUTURE, roll_days=d(10)), book, a_memory()).plan
    orders = [leg for proposal in plan.proposals for leg in proposal.legs if isinstance(leg, OrderRequest)]
    assert [(leg.symbol, leg.signed_quantity) for leg in orders] == [(nearer, 3), (FAR, -3)]
    assert len(plan.skipped) == 1


def test_an_entry_that_a_leg_of_a_pair_would_swallow_waits() -> None:
    """Carry sells one, the overlay half of one: a leg carries no stop. What leaves, or goes the other way, goes on."""
    draft = a_draft(100_000)
    legs = (a_pair(1).contract, a_pair(1).spot)
    entry, other_way = a_want(Sleeve.TACTICAL, "-0.5"), a_want(Sleeve.TACTICAL, "0.5")
    leaving, elsewhere = a_want(Sleeve.TACTICAL, "-0.5", leaves=True), a_want(Sleeve.TACTICAL, "-0.5", symbol=FAR)
    assert guarded_entries(draft, (entry, other_way, leaving, elsewhere), legs) == (other_way, leaving, elsewhere)
    (skipped,) = draft.skipped
    assert (skipped.sleeve, skipped.value) == (Sleeve.TACTICAL, 25_000)
    assert skipped.reason == "waits for the next cycle: BTC/USDT:USDT is traded in a pair"
