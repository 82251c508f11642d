"""The whole book in one plan: coin-margined and dated hedges, rolls, pairs, crossings, sweeps, in their order."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.decide import decide
from bot.domain.instrument import Kind
from bot.domain.memory import Memory
from bot.domain.order import OpenOrder, OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.plan import Plan, Proposal
from bot.domain.policy import Policy
from bot.domain.rules import RatioRule, RatioTrigger, SweepRules
from bot.domain.sleeves import SleeveState
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.plan.planner import draft_plan
from bot.policy.plan.wants import PairWant
from bot.policy.plan.wishes import SleeveWishes
from bot.policy.targets import set_targets
from tests.builders import a_claim, a_long, a_memory, a_policy, a_short, a_snapshot, d, own_id, wide_limits
from tests.overlay import a_tactical_claim, a_tactical_rule, an_overlay, readings_of
from tests.unit.policy.books import COIN_PERP, FAR, NEAR, a_coin_book, a_dated, a_position, hedged_with, with_contracts
from tests.unit.policy.pairs import PERP, SPOT, the_policy, the_rules
from tests.unit.policy.plan.test_netting import a_want

Legs = list[tuple[str, str, Decimal]]


def plan_of(policy: Policy, snapshot: Snapshot, memory: Memory | None = None) -> Plan:
    """The plan that is decided."""
    return decide(policy, snapshot, memory or a_memory()).plan


def legs(plan: Plan) -> Legs:
    """Every leg in order: (side, symbol, quantity), or (from, to, amount)."""
    found: Legs = []
    for proposal in plan.proposals:
        for leg in proposal.legs:
            if isinstance(leg, OrderRequest):
                found.append((leg.side.value, leg.symbol, leg.quantity))
            elif isinstance(leg, TransferRequest):
                found.append((leg.source.value, leg.target.value, leg.amount))
    return found


def of_the_overlay(plan: Plan) -> list[Proposal]:
    """What is proposed for the overlay."""
    return [proposal for proposal in plan.proposals if proposal.sleeve is Sleeve.TACTICAL]


# ── coin-margined ────────────────────────────────────────────────────────────


def test_a_new_coin_margined_hedge_brings_its_coins_first() -> None:
    """Half of 10 BTC at 70,000 less the inner gap of 4,000: 3,460 contracts of 100 USD, and before them 346,000 ÷ 2."""
    plan = plan_of(hedged_with(Kind.INVERSE_PERPETUAL), a_coin_book(70_000))
    assert legs(plan) == [("spot", "inverse", d("2.47142857")), ("sell", COIN_PERP, d(3_460))]


@pytest.mark.parametrize("price", [40_000, 60_000, 70_000, 80_000])
def test_a_held_coin_margined_hedge_is_left_alone_at_every_price(price: int) -> None:
    """QUANT 2.4's trap: 3,500 contracts from 70,000 against 10 coins hedge five of them, wherever the price is."""
    book = a_coin_book(price, spot=5, wallet=5, contracts=-3_500)
    drift = decide(hedged_with(Kind.INVERSE_PERPETUAL), book, a_memory()).drift.assets["BTC"]
    assert (drift.hedge_ratio, drift.hedge_drift) == (d("0.5"), 0)
    assert [leg for leg in legs(plan_of(hedged_with(Kind.INVERSE_PERPETUAL), book)) if leg[1] == COIN_PERP] == []


def test_a_coin_margined_hedge_is_bought_back_in_contracts() -> None:
    """From half to a fifth of ten coins: three of five come back, 2,100 of 3,500 contracts, less the inner gap."""
    book = a_coin_book(80_000, spot=5, wallet=5, contracts=-3_500)
    bought = [leg for leg in legs(plan_of(hedged_with(Kind.INVERSE_PERPETUAL, "0.2"), book)) if leg[0] == "buy"]
    (_, symbol, contracts) = bought[0]
    assert symbol == COIN_PERP
    assert 2_050 < contracts < 2_100


def test_coins_too_many_in_the_wallet_come_back() -> None:
    """5 coins behind a short of 5: 1x, below the band of 1.5; to 2x a part of them may leave."""
    plan = plan_of(hedged_with(Kind.INVERSE_PERPETUAL), a_coin_book(70_000, spot=5, wallet=5, contracts=-3_500))
    assert legs(plan) == [("inverse", "spot", d("2.5"))]


def test_a_person_may_want_to_move_collateral_alone() -> None:
    """Transfers are advised: the plan says so with the amount, and hedges without them."""
    plan = plan_of(hedged_with(Kind.INVERSE_PERPETUAL, advise_transfers=True), a_coin_book(70_000))
    assert [leg[0] for leg in legs(plan)] == ["sell"]
    (advice,) = [one for one in plan.advice if one.sleeve is Sleeve.RESERVE]
    assert advice.text.startswith("move it yourself: BTC futures wallet needs 2.47142857 BTC more for 2x")


def test_coins_that_are_never_sold_are_not_pledged_either() -> None:
    """9 of 10 are never sold: one may serve as margin."""
    policy = hedged_with(Kind.INVERSE_PERPETUAL)
    policy = replace(policy, core=replace(policy.core, never_sell={"BTC": d(9)}))
    assert legs(plan_of(policy, a_coin_book(70_000)))[0] == ("spot", "inverse", d(1))


# ── dated ────────────────────────────────────────────────────────────────────


def a_dated_book(*shorts: Any) -> Snapshot:
    """10 BTC at 70,000, 300,000 USDT in futures, one contract 9 days from delivery and one 90 days."""
    plain = a_snapshot(price={"BTC": 70_000}, spot={"BTC": 10, "USDT": 100_000}, futures_usdt=175_000, shorts=shorts)
    return with_contracts(plain, a_dated(NEAR, 9), a_dated(FAR, 90), price=70_000)


def test_a_dated_hedge_takes_the_nearest_contract_outside_the_roll_window() -> None:
    """Nine days are more than the seven of the window; with ten the next contract is taken."""
    near = legs(plan_of(hedged_with(Kind.LINEAR_FUTURE), a_dated_book()))
    far = legs(plan_of(hedged_with(Kind.LINEAR_FUTURE, roll_days=d(10)), a_dated_book()))
    assert [leg[1] for leg in near] == [NEAR]
    assert [leg[1] for leg in far] == [FAR]


def test_a_short_inside_the_window_is_rolled_pair_by_pair() -> None:
    """Short 5 in the near one, ten days of window: bought back and sold in the far one, leg after leg."""
    book = a_dated_book(a_position(NEAR, -5, 70_000))
    plan = plan_of(hedged_with(Kind.LINEAR_FUTURE, roll_days=d(10)), book)
    (proposal,) = plan.proposals
    assert legs(plan) == [("buy", NEAR, d(5)), ("sell", FAR, d(5))]
    assert "expires in 9.0 days" in proposal.reason


def test_what_is_bought_back_is_the_nearest_first() -> None:
    """Short 2 near and 4 far, 3 wanted less: the near one goes whole, then the far one."""
    book = a_dated_book(a_position(NEAR, -2, 70_000), a_position(FAR, -4, 70_000))
    bought = legs(plan_of(hedged_with(Kind.LINEAR_FUTURE, "0.2"), book))
    assert bought[0] == ("buy", NEAR, d(2))
    assert bought[1][:2] == ("buy", FAR)


def test_a_contract_another_sleeve_claims_is_not_rolled_for_the_hedge() -> None:
    """Carry is short 5 in the near one and waits for its delivery."""
    book = a_dated_book(a_position(NEAR, -5, 70_000))
    claims = (a_claim(Sleeve.CARRY, NEAR, -5, rule=NEAR), a_claim(Sleeve.CARRY, SPOT, 5, rule=NEAR))
    memory = a_memory(sleeves=SleeveState(claims=claims))
    found = legs(plan_of(hedged_with(Kind.LINEAR_FUTURE, "0", roll_days=d(10)), book, memory))
    assert [leg for leg in found if leg[:2] == ("sell", FAR)] == []


# ── carry with the core ──────────────────────────────────────────────────────


def a_pair(short: str, coins: str) -> SleeveWishes:
    """Carry wants to sell contracts and buy coins."""
    pair = PairWant(
        contract=a_want(Sleeve.CARRY, -d(short), rule=PERP), spot=a_want(Sleeve.CARRY, coins, rule=PERP, symbol=SPOT)
    )
    return SleeveWishes(pairs=(pair,))


def drafted(wishes: SleeveWishes, btc: str, target: str = "") -> Plan:
    """The plan over 100,000 USDT and some BTC at 50,000; with a target, the core goes back to that share of equity."""
    band = ("0", target, target) if target else ("0", "0", "1")
    policy = a_policy(
        assets={"BTC": 1}, core=band, hedge=None, carry=the_rules(), rules={"destination": d(0)},
        limits=wide_limits(max_slippage=d(0)),
    )  # fmt: skip
    book = a_snapshot(price={"BTC": 50_000}, spot={"BTC": btc, "USDT": 100_000})
    exposure = measure_exposure(book, policy)
    return draft_plan(policy, exposure, set_targets(policy, exposure, book), book, a_memory(), wishes)


def test_what_the_core_sells_and_carry_buys_needs_no_order() -> None:
    """Two coins, and a quarter of 200,000 is one: the core sells what carry wants, and only the short is sold."""
    plan = drafted(a_pair("1", "1"), "2", target="0.25")
    (crossing,) = plan.crossings
    assert [(part.sleeve, part.quantity) for part in crossing.parts] == [(Sleeve.CARRY, 1), (Sleeve.CORE, -1)]
    assert legs(plan) == [("spot", "linear", d("25000.00")), ("sell", PERP, d(1))]


def test_of_what_both_trade_only_the_difference_is_ordered() -> None:
    """Three coins, a fifth of 250,000 is one: two to sell, one to buy; one is sold, beside carry's short."""
    plan = drafted(a_pair("1", "1"), "3", target="0.2")
    assert legs(plan)[1:] == [("sell", PERP, d(1)), ("sell", SPOT, d(1))]
    (sale,) = [leg for p in plan.proposals for leg in p.legs if isinstance(leg, OrderRequest) and leg.symbol == SPOT]
    assert {part.sleeve: part.quantity for part in sale.parts} == {Sleeve.CORE: -2, Sleeve.CARRY: 1}


def test_no_leg_of_a_pair_is_opened_without_the_other() -> None:
    """The coins are below the smallest order: the contract is not sold alone."""
    plan = drafted(a_pair("1", "0.00005"), "0")
    assert [leg for leg in legs(plan) if leg[1] in (PERP, SPOT)] == []
    assert "is too small to place with it" in plan.skipped[0].reason


def test_a_pair_that_leaves_is_closed_before_anything_else_and_its_collateral_comes_last() -> None:
    """Short 1 against 1 coin: bought back and sold together, then the 25,000 behind it are free."""
    pair = PairWant(
        contract=a_want(Sleeve.CARRY, 1, rule=PERP, leaves=True),
        spot=a_want(Sleeve.CARRY, -1, rule=PERP, symbol=SPOT, leaves=True),
    )
    policy = replace(the_policy(), core=a_policy(assets={"BTC": 1}, core=("0", "0", "1")).core)
    short = a_short("BTC", 1, entry=50_000)
    book = a_snapshot(price={"BTC": 50_000}, spot={"BTC": 1, "USDT": 0}, futures_usdt=25_000, shorts=(short,))
    claims = (a_claim(Sleeve.CARRY, PERP, -1, rule=PERP), a_claim(Sleeve.CARRY, SPOT, 1, rule=PERP))
    exposure = measure_exposure(book, policy, claims)
    targets = set_targets(policy, exposure, book)
    plan = draft_plan(policy, exposure, targets, book, a_memory(), SleeveWishes(pairs=(pair,)))
    assert legs(plan) == [("buy", PERP, d(1)), ("sell", SPOT, d(1)), ("linear", "spot", d("25000.00"))]


def test_a_leg_that_stands_alone_is_closed_alone() -> None:
    """Carry's contract is gone: its coins are sold."""
    alone = a_want(Sleeve.CARRY, "-0.5", rule=PERP, symbol=SPOT, leaves=True)
    assert legs(drafted(SleeveWishes(alone=(alone,)), "1")) == [("sell", SPOT, d("0.5"))]


def test_a_wish_that_is_dust_is_noted() -> None:
    """2.50 USDT of coins."""
    alone = a_want(Sleeve.CARRY, "-0.00005", rule=PERP, symbol=SPOT, leaves=True)
    plan = drafted(SleeveWishes(alone=(alone,)), "1")
    assert legs(plan) == []
    assert "below what the venue takes" in plan.skipped[0].reason


def test_what_a_person_moves_costs_no_step_where_there_is_nothing_to_move() -> None:
    """Collateral is advised, and none is wanted."""
    plan = plan_of(hedged_with(Kind.LINEAR_PERPETUAL, "0", advise_transfers=True), a_coin_book(70_000))
    assert (legs(plan), plan.advice) == ([], ())


# ── the overlay ──────────────────────────────────────────────────────────────


def test_an_entry_is_placed_with_its_stop_and_the_next_look_leaves_both_alone() -> None:
    """Long while EMA(20) is over EMA(50); filled at 50,005, its stop of 47,500 rests and is not moved to 47,504.75."""
    rule = a_tactical_rule()
    policy = replace(an_overlay(rule), hedge=None, core=a_policy(core=("0", "0.1", "1")).core)
    memory = a_memory(readings=readings_of(rule, "0.01"))
    book = a_snapshot(price={"BTC": 50_000, "ETH": 2_500}, spot={"USDT": 50_000}, futures_usdt=50_000)
    (entry,) = of_the_overlay(plan_of(policy, book, memory))
    assert [getattr(leg, "trigger", None) for leg in entry.legs] == [None, d("47500.0")]
    order = entry.legs[0]
    assert isinstance(order, OrderRequest)
    resting = OpenOrder(
        client_order_id=own_id("stop"), symbol=PERP, side=Side.SELL, remaining=order.quantity, price=d(47_500),
        reduce_only=True, type=OrderType.STOP,
    )  # fmt: skip
    position = a_long("BTC", order.quantity, entry=50_005)
    held = replace(book, positions={PERP: position}, open_orders=(resting,))
    claim = a_tactical_claim(order.quantity, entry=d(50_005))
    later = replace(memory, sleeves=SleeveState(claims=(claim,)))
    assert of_the_overlay(plan_of(policy, held, later)) == []


def test_an_overlay_the_policy_no_longer_has_is_left() -> None:
    """The section was taken out of the file: what it held is sold."""
    book = a_snapshot(
        price={"BTC": 70_000, "ETH": 3_500}, spot={"USDT": 100_000}, futures_usdt=100_000,
        shorts=(a_long("BTC", 1, entry=70_000),),
    )  # fmt: skip
    memory = a_memory(sleeves=SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="gone"),)))
    plan = plan_of(a_policy(hedge=None, core=("0", "0.1", "1")), book, memory)
    assert ("sell", PERP, d(1)) in legs(plan)


# ── sweep, rules ─────────────────────────────────────────────────────────────


def swept_to(sleeve: Sleeve, **changes: Any) -> Policy:
    """Profit above 1 % of equity leaves the futures wallet, at least 1 %, at most 10 % a day."""
    rules = SweepRules(
        to=sleeve, floor=d("0.01"), minimum=d("0.01"), max_daily=d("0.1"), min_survival=d("0.3"), advise_only=False
    )
    return a_policy(
        hedge=None, core=("0", "0.5", "1"), sweep=replace(rules, **changes), limits=wide_limits(max_slippage=d(0)),
        rules={"half_widths": {"BTC": d("0.4"), "ETH": d("0.4")}},
    )  # fmt: skip


def a_book_with_profit() -> tuple[Snapshot, Memory]:
    """50,000 of coins (too little BTC), 30,000 of money, 20,000 in futures of which 6,000 are settled profit."""
    book = a_snapshot(
        price={"BTC": 50_000, "ETH": 2_500}, spot={"BTC": "0.4", "ETH": 12, "USDT": 30_000}, futures_usdt=20_000
    )
    return book, a_memory(sleeves=SleeveState(settled=d(6_000)))


def test_profit_above_the_floor_goes_to_the_reserve() -> None:
    """6,000 less 1 % of 100,000: 5,000 leave the wallet, and nothing is bought with them."""
    plan = plan_of(swept_to(Sleeve.RESERVE), *a_book_with_profit())
    assert legs(plan) == [("linear", "spot", d("5000.00"))]


def test_profit_swept_to_the_core_buys_what_is_most_underweight() -> None:
    """BTC is 40 % of the core and should be 60: all 5,000, less the fee, go there, after the transfer."""
    plan = plan_of(swept_to(Sleeve.CORE), *a_book_with_profit())
    assert [leg[:2] for leg in legs(plan)] == [("linear", "spot"), ("buy", SPOT)]
    assert plan.proposals[1].reason == "spends 5000.00 of swept profit on the most underweight"
    assert 4_990 < plan.proposals[1].value <= 5_000


def test_a_sweep_a_person_makes_is_only_said() -> None:
    """Advise only: no leg, and the amount in words."""
    plan = plan_of(swept_to(Sleeve.RESERVE, advise_only=True), *a_book_with_profit())
    assert legs(plan) == []
    assert any("5000.00" in advice.text for advice in plan.advice)


def test_nothing_is_swept_that_the_wallet_needs_to_survive() -> None:
    """A short of 1 BTC on 20,000 survives +39 %: to keep +30 % only a part may leave."""
    book, memory = a_book_with_profit()
    book = replace(book, positions={PERP: a_short("BTC", 1, entry=50_000)})
    policy = replace(swept_to(Sleeve.RESERVE), hedge=None)
    moved = [leg for leg in legs(plan_of(policy, book, memory)) if leg[0] == "linear"]
    assert moved
    assert moved[0][2] < 5_000


def test_a_rule_driven_ratio_is_in_the_targets_and_its_numbers_in_the_notes() -> None:
    """Without a reading the rule stays off: the ratio is the policy's, and why is said."""
    rule = RatioRule(name="fall", trigger=RatioTrigger.DRAWDOWN, days=90, enter=d("0.2"), leave=d("0.1"), ratio=d(1))
    decision = decide(hedged_with(Kind.LINEAR_PERPETUAL, rules=(rule,)), a_coin_book(70_000), a_memory())
    state = decision.targets.assets["BTC"].ratio_state
    assert state is not None
    assert (state.target, state.active) == (d("0.5"), ())
    assert any("fall unavailable (not read), stays off" in note for note in decision.notes)


def test_a_hedge_hurt_by_a_rally_is_said_and_kept() -> None:
    """Short 5 BTC from 60,000, now 70,000: 50,000 lost on paper, and no order because of it."""
    book = a_snapshot(
        price={"BTC": 70_000}, spot={"BTC": 10, "USDT": 100_000}, futures_usdt=225_000,
        shorts=(a_short("BTC", 5, entry=60_000),),
    )  # fmt: skip
    plan = plan_of(hedged_with(Kind.LINEAR_PERPETUAL), book)
    assert legs(plan) == []
    assert any("the rally cost the hedge 50000.00 USDT" in advice.text for advice in plan.advice)


def test_the_cheapest_contract_is_named_with_its_reason() -> None:
    """Perpetual or future: the note says which and by how much."""
    policy = hedged_with(Kind.LINEAR_PERPETUAL, choices=(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE))
    decision = decide(policy, a_dated_book(), a_memory())
    (note,) = [note for note in decision.notes if note.startswith("BTC")]
    (sold,) = [symbol for side, symbol, _ in legs(decision.plan) if side == "sell"]
    assert sold in note
