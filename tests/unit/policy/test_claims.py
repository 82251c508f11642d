"""What the sleeves remember: claims moved by fills, results booked, cool-downs begun, profit settled."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import (
    Fill,
    Liquidity,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Part,
    Side,
    Sleeve,
)
from bot.domain.plan import Crossing
from bot.domain.policy import Policy
from bot.domain.rules import SignalKind, Sizing, TacticalRule, TacticalRules
from bot.domain.sleeves import Claim, RatioState, Rest, SleeveState
from bot.domain.snapshot import Position
from bot.policy.claims import Past, next_state
from tests.builders import NOON, Number, a_claim, a_perpetual, a_policy, a_short, a_spot, an_inverse_perpetual, d

PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
INSTRUMENTS = {one.symbol: one for one in (a_spot(), a_perpetual(), an_inverse_perpetual())}


def a_rule(**changes: Any) -> TacticalRule:
    """A trend rule that rests for 12 hours."""
    fields: dict[str, Any] = {
        "name": "trend", "signal": SignalKind.EMA_CROSS, "asset": "BTC", "side": Side.BUY,
        "instrument": Kind.LINEAR_PERPETUAL, "periods": (20, 50), "bar_hours": 24, "funding_floor": None,
        "interest_percentile": d(0), "funding_percentile": d(0), "alert_only": False, "stop": d("0.05"),
        "take_profit": None, "expiry_hours": d(240), "cooldown_hours": d(12), "sizing": Sizing.STOP,
        "risk": d("0.01"), "volatility": d("0.2"), "kelly_fraction": d("0.25"), "expected_return": d("0.3"),
    }  # fmt: skip
    return TacticalRule(**(fields | changes))


def a_tactical_policy() -> Policy:
    """A policy with one rule of the overlay."""
    rules = TacticalRules(budget=d("0.05"), shock=d("0.3"), max_notional=d("0.15"), rules=(a_rule(),))
    return a_policy(tactical=rules)


def a_fill_of(
    symbol: str,
    ordered: Number,
    *parts: Part,
    filled: Number | None = None,
    price: Number = 70_000,
    fee: Number = 0,
    fee_asset: str = "USDT",
) -> tuple[OrderRequest, OrderReport]:
    """An order of `ordered` (signed) with its parts, filled whole or as told, and what the venue reports."""
    side = Side.BUY if d(ordered) > 0 else Side.SELL
    request = OrderRequest(
        symbol=symbol, side=side, quantity=abs(d(ordered)), price=d(price), type=OrderType.LIMIT_IOC,
        reduce_only=False, sleeve=parts[0].sleeve if parts else Sleeve.HEDGE, parts=parts,
    )  # fmt: skip
    quantity = abs(d(ordered if filled is None else filled))
    fills = (
        Fill(
            trade_id="t1", client_order_id="h1", symbol=symbol, side=side, quantity=quantity, price=d(price),
            fee=d(fee), fee_asset=fee_asset, liquidity=Liquidity.TAKER, at=NOON,
        ),
    )  # fmt: skip
    report = OrderReport(
        client_order_id="h1", venue_order_id="1", symbol=symbol, status=OrderStatus.EXPIRED,
        ordered=abs(d(ordered)), fills=fills if quantity else (), at=NOON,
    )  # fmt: skip
    return request, report


def carry(quantity: Number, rule: str = PERP) -> Part:
    """Carry's part of an order."""
    return Part(sleeve=Sleeve.CARRY, rule=rule, quantity=d(quantity))


def tactical(quantity: Number) -> Part:
    """The overlay's part of an order."""
    return Part(sleeve=Sleeve.TACTICAL, rule="trend", quantity=d(quantity))


def hedge(quantity: Number) -> Part:
    """The hedge's part of an order."""
    return Part(sleeve=Sleeve.HEDGE, rule="", quantity=d(quantity))


def after(state: SleeveState, policy: Policy | None = None, **happened: Any) -> SleeveState:
    """The state after what happened."""
    fields: dict[str, Any] = {
        "fills": (), "crossings": (), "entries": (), "ratios": (), "instruments": INSTRUMENTS, "positions": {},
        "prices": {"BTC": d(70_000)}, "at": NOON, "left_at": NOON - timedelta(hours=1), "held": None,
        "coins": {"BTC": d(1000)},
    }  # fmt: skip
    fields |= happened
    if fields["held"] is None:
        fields["held"] = left_by(fields["positions"], fields["fills"])
    return next_state(state, Past(**fields), policy or a_tactical_policy())


def left_by(positions: dict[str, Position], fills: tuple[tuple[OrderRequest, OrderReport], ...]) -> dict[str, Position]:
    """The positions once our own fills are in them, so that nobody else has traded."""
    held = {symbol: position.quantity for symbol, position in positions.items()}
    for _, report in fills:
        for fill in report.fills:
            held[fill.symbol] = held.get(fill.symbol, d(0)) + fill.quantity * fill.side.sign
    return {symbol: replace(a_short("BTC", 1, entry=70_000), symbol=symbol, quantity=q) for symbol, q in held.items()}


def an_entry(
    kind: EntryKind, change: Number, *, symbol: str = PERP, asset: str = "USDT", **changes: Any
) -> LedgerEntry:
    """One line of the ledger in the linear wallet."""
    fields: dict[str, Any] = {
        "sequence": 1, "at": NOON, "kind": kind, "wallet": WalletKind.LINEAR, "asset": asset, "change": d(change),
        "symbol": symbol, "reference": "r",
    }  # fmt: skip
    return LedgerEntry(**(fields | changes))


def held(state: SleeveState) -> dict[tuple[str, str], Decimal]:
    """Claims as (rule, symbol) → quantity."""
    return {(claim.rule, claim.symbol): claim.quantity for claim in state.claims}


def test_nothing_happened_and_nothing_is_remembered_anew() -> None:
    """A quiet cycle leaves the state as it was."""
    state = SleeveState(claims=(a_claim(Sleeve.CARRY, PERP, -1),), tactical_result=d(5), settled=d(7))
    assert after(state) == state


def test_an_order_of_three_sleeves_gives_each_its_part_of_what_was_filled() -> None:
    """Sell 4: hedge 3, carry 2, the overlay buys 1 against them. Half is filled: carry −1, overlay +0.5."""
    state = after(SleeveState(), fills=(a_fill_of(PERP, -4, hedge(-3), carry(-2), tactical(1), filled=2),))
    assert held(state) == {(PERP, PERP): d(-1), ("trend", PERP): d("0.5")}


def test_an_order_that_was_not_filled_claims_nothing() -> None:
    """No price, no claim."""
    assert after(SleeveState(), fills=(a_fill_of(PERP, -4, carry(-4), filled=0),)) == SleeveState()


def test_coins_taken_as_a_fee_are_claimed_by_nobody() -> None:
    """Carry buys 2 coins and pays 0.002 of them as the fee: it holds 1.998."""
    state = after(SleeveState(), fills=(a_fill_of(SPOT, 2, carry(2), fee="0.002", fee_asset="BTC"),))
    assert held(state) == {(PERP, SPOT): d("1.998")}


def test_a_claim_that_grows_keeps_its_age_and_averages_its_price() -> None:
    """One coin from 70,000 and one from 80,000: two from 75,000, opened when the first was."""
    old = a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend")
    (claim,) = after(SleeveState(claims=(old,)), fills=(a_fill_of(PERP, 1, tactical(1), price=80_000),)).claims
    assert (claim.quantity, claim.entry, claim.opened_at) == (2, 75_000, old.opened_at)


def test_the_result_of_the_overlay_is_its_profit_less_its_fees() -> None:
    """Long 2 from 70,000, 1 sold at 80,000 for a fee of 40: 10,000 − 40, and 1 is left from 70,000."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 2, rule="trend"),), tactical_result=d(-100))
    later = after(state, fills=(a_fill_of(PERP, -1, tactical(-1), price=80_000, fee=40),))
    assert later.tactical_result == -100 + 10_000 - 40
    assert held(later) == {("trend", PERP): 1}
    assert later.rests == ()


def test_a_profit_in_coins_is_counted_at_their_price() -> None:
    """700 contracts of 100 USD sold at 70,000, bought at 50,000: 70,000 × (1/50,000 − 1/70,000) = 0.4 BTC."""
    inverse = "BTC/USD:BTC"
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, inverse, -700, rule="trend"),))
    later = after(state, fills=(a_fill_of(inverse, 700, tactical(700), price=50_000),), prices={"BTC": d(50_000)})
    assert round(later.tactical_result, 6) == d("0.4") * 50_000


def test_a_rule_that_left_the_market_rests_for_its_cool_down() -> None:
    """It sold all it held: twelve hours of rest, and an older rest of another rule goes on."""
    other = Rest(rule="other", until=NOON + timedelta(hours=1))
    over = Rest(rule="over", until=NOON)
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend"),), rests=(other, over))
    later = after(state, fills=(a_fill_of(PERP, -1, tactical(-1)),))
    assert later.claims == ()
    assert later.rests == (other, Rest(rule="trend", until=NOON + timedelta(hours=12)))


def test_a_rule_the_policy_no_longer_has_needs_no_rest() -> None:
    """Nothing enters by it any more."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="gone"),))
    sold = (Part(sleeve=Sleeve.TACTICAL, rule="gone", quantity=d(-1)),)
    later = after(state, a_policy(), fills=(a_fill_of(PERP, -1, *sold),))
    assert later.rests == ()


def test_a_claim_that_is_traded_through_zero_begins_anew() -> None:
    """Long 1, 3 sold: short 2 from the price of the sale."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend"),))
    (claim,) = after(state, fills=(a_fill_of(PERP, -3, tactical(-3), price=71_000),)).claims
    assert (claim.quantity, claim.entry, claim.opened_at) == (-2, 71_000, NOON)


def test_a_crossing_changes_the_sleeve_of_what_is_held_without_an_order() -> None:
    """Core wants to sell a coin and carry to buy one: carry claims it at the price of the moment."""
    core = Part(sleeve=Sleeve.CORE, rule="", quantity=d(-1))
    crossing = Crossing(symbol=SPOT, price=d(70_000), parts=(core, carry(1)))
    (claim,) = after(SleeveState(), crossings=(crossing,)).claims
    assert claim == replace(a_claim(Sleeve.CARRY, SPOT, 1, rule=PERP), opened_at=NOON)


def test_what_no_order_can_trade_is_claimed_no_more() -> None:
    """A pair is left but for 0.000003 BTC, less than the step of 0.00001: those are the core's again."""
    state = SleeveState(claims=(a_claim(Sleeve.CARRY, SPOT, "1.000003", rule=PERP),))
    assert after(state, fills=(a_fill_of(SPOT, -1, carry(-1)),)).claims == ()


def test_a_crossing_that_moves_nothing_leaves_the_claim_as_it_is() -> None:
    """A part that was rounded away."""
    state = SleeveState(claims=(a_claim(Sleeve.CARRY, SPOT, 1, rule=PERP),))
    crossing = Crossing(symbol=SPOT, price=d(70_000), parts=(carry(0),))
    assert after(state, crossings=(crossing,)).claims == state.claims


@pytest.mark.parametrize("kind", [EntryKind.DELIVERY, EntryKind.LIQUIDATION])
def test_what_the_venue_closed_is_claimed_no_more(kind: EntryKind) -> None:
    """The contract is gone, the coins of the pair are still there."""
    coins = a_claim(Sleeve.CARRY, SPOT, 1, rule=PERP)
    state = SleeveState(claims=(a_claim(Sleeve.CARRY, PERP, -1, rule=PERP), coins))
    assert after(state, entries=(an_entry(kind, -5),)).claims == (coins,)


def test_the_overlay_bears_its_share_of_a_liquidation() -> None:
    """Short 4 of which it held 1: a quarter of −8,000 and of the fee of 400."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, -1, rule="trend"),))
    entries = (an_entry(EntryKind.REALISED, -8_000), an_entry(EntryKind.LIQUIDATION, -400))
    positions = {PERP: a_short("BTC", 4, entry=70_000)}
    assert after(state, entries=entries, positions=positions).tactical_result == -2_100


def test_the_overlay_gets_its_share_of_the_funding() -> None:
    """Short 4 of which it held 1 receives 40: 10 are its own; funding of a contract not held is nobody's."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, -1, rule="trend"),))
    entries = (an_entry(EntryKind.FUNDING, 40), an_entry(EntryKind.FUNDING, 3, symbol="ETH/USDT:USDT"))
    positions = {PERP: a_short("BTC", 4, entry=70_000)}
    assert after(state, entries=entries, positions=positions).tactical_result == 10


def test_what_the_futures_wallets_realised_is_settled_until_it_leaves_them() -> None:
    """500 realised and 0.01 BTC of funding, 100 of fees; 1,000 go to spot, and spot's own fees do not count."""
    entries = (
        an_entry(EntryKind.REALISED, 500),
        an_entry(EntryKind.FUNDING, "0.01", asset="BTC", wallet=WalletKind.INVERSE),
        an_entry(EntryKind.FEE, -100),
        an_entry(EntryKind.FEE, -33, wallet=WalletKind.SPOT),
        an_entry(EntryKind.TRANSFER, 250),
        an_entry(EntryKind.TRANSFER, -1_000),
    )
    assert after(SleeveState(settled=d(50)), entries=entries).settled == 50 + 500 + 700 - 100 - 1_000


def test_collateral_that_is_taken_out_again_is_no_loss() -> None:
    """30 of profit were settled and 1,000 left: the other 970 were collateral."""
    assert after(SleeveState(settled=d(30)), entries=(an_entry(EntryKind.TRANSFER, -1_000),)).settled == 0


def test_losses_are_earned_back_before_anything_is_settled() -> None:
    """−300 realised, then 1,000 taken out: still −300."""
    entries = (an_entry(EntryKind.REALISED, -300), an_entry(EntryKind.TRANSFER, -1_000))
    assert after(SleeveState(), entries=entries).settled == -300


def test_the_ratios_a_cycle_decided_replace_those_before() -> None:
    """A rule-driven ratio goes on from where it came to."""
    now = RatioState(asset="BTC", target=d("0.3"), active=("trend",), day="2026-01-01", day_target=d("0.2"))
    state = after(SleeveState(ratios=(replace(now, target=d("0.2")),)), ratios=(now,))
    assert state.ratio("BTC") == now
    assert state.ratio("ETH") is None


def test_an_order_of_the_hedge_alone_claims_nothing() -> None:
    """What nobody claims is the hedge's."""
    assert after(SleeveState(), fills=(a_fill_of(PERP, -1),)).claims == ()


def claim_of(state: SleeveState, rule: str) -> Claim:
    """The claim of a rule."""
    return next(claim for claim in state.claims if claim.rule == rule)


def test_fees_of_a_shared_order_are_borne_by_the_size_of_the_parts() -> None:
    """Sell 4 (hedge 3, overlay 1) for a fee of 40: the overlay bears 10."""
    state = after(SleeveState(), fills=(a_fill_of(PERP, -4, hedge(-3), tactical(-1), fee=40),))
    assert state.tactical_result == -10
    assert claim_of(state, "trend").quantity == -1


# ── what others do ───────────────────────────────────────────────────────────


def holding(*quantities: tuple[str, Number]) -> dict[str, Position]:
    """Positions of some contracts."""
    return {s: replace(a_short("BTC", 1, entry=70_000), symbol=s, quantity=d(q)) for s, q in quantities}


def test_a_position_closed_by_hand_is_claimed_no_more() -> None:
    """Long 1 for the overlay, sold by hand: an exit would now open a short of 1."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend"),))
    assert after(state, positions=holding((PERP, 1)), held={}).claims == ()


def test_what_a_hand_closes_comes_out_of_the_hedge_first() -> None:
    """Short 4, one of them carry's; 2 bought back by hand: the hedge is 1, carry keeps its own. With 3.5, a half."""
    state = SleeveState(claims=(a_claim(Sleeve.CARRY, PERP, -1, rule=PERP),))
    two = after(state, positions=holding((PERP, -4)), held=holding((PERP, -2)))
    most = after(state, positions=holding((PERP, -4)), held=holding((PERP, "-0.5")))
    assert held(two) == {(PERP, PERP): -1}
    assert held(most) == {(PERP, PERP): d("-0.5")}


def test_a_hand_that_trades_the_same_way_takes_nothing_from_a_claim() -> None:
    """Long 1 for the overlay, 2 more bought by hand: those are nobody's."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend"),))
    assert held(after(state, positions=holding((PERP, 1)), held=holding((PERP, 3)))) == {("trend", PERP): 1}


def test_a_fill_found_late_is_no_stranger() -> None:
    """Sold before the book was left and told only now: the position shows it already."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 2, rule="trend"),))
    late = a_fill_of(PERP, -1, tactical(-1))
    later = after(state, fills=(late,), left_at=NOON, positions=holding((PERP, 1)), held=holding((PERP, 1)))
    assert held(later) == {("trend", PERP): 1}


def test_coins_that_left_the_wallet_are_claimed_no_more() -> None:
    """Carry holds 2 coins of which 1.5 were withdrawn: the newest claim is cut."""
    older = a_claim(Sleeve.CARRY, SPOT, "0.4", rule="old")
    newer = replace(a_claim(Sleeve.CARRY, SPOT, "1.6", rule="new"), opened_at=NOON)
    state = after(SleeveState(claims=(older, newer)), coins={"BTC": d("0.5")})
    assert held(state) == {("new", SPOT): d("0.5")}


def test_a_stop_that_fired_while_nobody_looked_is_in_the_claims_before_anything_is_decided() -> None:
    """Its fill is told at the next look: nothing is left to leave."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, PERP, 1, rule="trend"),))
    assert after(state, fills=(a_fill_of(PERP, -1, tactical(-1)),), positions=holding((PERP, 1))).claims == ()


def test_a_fill_of_a_contract_that_is_delivered_claims_nothing() -> None:
    """Its rules are listed no more."""
    gone = "BTC/USDT:USDT-251226"
    assert after(SleeveState(), fills=(a_fill_of(gone, -1, carry(-1, gone)),), positions={}).claims == ()
