"""The plan: what is traded, in which order, in which sizes, and what is left alone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.book import Exposure
from bot.domain.instrument import WalletKind
from bot.domain.memory import Memory, SentOrder
from bot.domain.order import OrderRequest, Side, Sleeve, TransferRequest
from bot.domain.plan import Plan
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.plan.planner import draft_plan
from bot.policy.plan.wants import TransferWish
from bot.policy.plan.wishes import SleeveWishes
from bot.policy.targets import set_targets
from tests.builders import NOON, a_band, a_memory, a_policy, a_short, a_snapshot, a_spot, d, wide_limits

PRICES = {"BTC": 50_000, "ETH": 2_500}


def plan_of(policy: Policy, snapshot: Snapshot, memory: Memory | None = None) -> Plan:
    """Draft the plan for a snapshot."""
    exposure: Exposure = measure_exposure(snapshot, policy)
    return draft_plan(policy, exposure, set_targets(policy, exposure, snapshot), snapshot, memory or a_memory())


def orders(plan: Plan) -> list[tuple[str, str, Decimal]]:
    """The plan's orders as (side, symbol, quantity)."""
    legs = [leg for proposal in plan.proposals for leg in proposal.legs]
    return [(leg.side.value, leg.symbol, leg.quantity) for leg in legs if isinstance(leg, OrderRequest)]


def core_only(**changes: Any) -> Policy:
    """BTC 60 / ETH 40, no hedge, 10 % reserve."""
    return a_policy(hedge=None, **changes)


def test_inside_every_band_nothing_is_proposed() -> None:
    """42,000 BTC and 28,000 ETH of 100,000: exactly on target."""
    plan = plan_of(core_only(), a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES))
    assert plan == Plan(proposals=(), skipped=())


def test_a_breached_asset_goes_back_to_three_quarters_of_its_half_width() -> None:
    """BTC is 70 % of a 70,000 core with a width of 5: sold down to 63.75 %, ETH takes what is freed."""
    policy = core_only(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}})
    plan = plan_of(policy, a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES))
    sell, buy = plan.proposals
    assert isinstance(sell.legs[0], OrderRequest)
    assert isinstance(buy.legs[0], OrderRequest)
    assert (sell.legs[0].side, sell.value) == (Side.SELL, d("4375"))  # 6.25 % of 70,000
    assert (buy.legs[0].side, buy.value) == (Side.BUY, d("4375"))
    assert "5.0 pt above band" in sell.reason


def test_a_core_below_its_band_is_bought_back_to_the_inner_level() -> None:
    """From cash: 0 % is below 60 %, the inner level is 0.7 − 0.75 × 0.1 = 62.5 % of 100,000, split 60 / 40."""
    plan = plan_of(core_only(), a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    assert orders(plan) == [("buy", "BTC/USDT", d("0.75")), ("buy", "ETH/USDT", d(10))]


def test_a_deposit_goes_to_the_most_underweight_first() -> None:
    """BTC is right for the larger core already, ETH far behind: everything bought is ETH."""
    policy = core_only()
    snapshot = a_snapshot(spot={"BTC": "0.75", "ETH": 6, "USDT": 47_500}, price=PRICES)
    assert {symbol for _, symbol, _ in orders(plan_of(policy, snapshot))} == {"ETH/USDT"}


def test_exposure_falls_before_money_is_spent() -> None:
    """Sales, then collateral, then hedges of coins held, then purchases."""
    policy = a_policy(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}})
    plan = plan_of(policy, a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES))
    steps = [(p.sleeve, getattr(p.legs[0], "side", None)) for p in plan.proposals]
    assert steps == [
        (Sleeve.CORE, Side.SELL),
        (Sleeve.RESERVE, None),
        (Sleeve.HEDGE, Side.SELL),
        (Sleeve.CORE, Side.BUY),
        (Sleeve.HEDGE, Side.SELL),
    ]


def test_coins_about_to_be_bought_are_hedged_after_they_are_bought() -> None:
    """From cash a hedge first would be a naked short."""
    plan = plan_of(a_policy(), a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    sleeves = [proposal.sleeve for proposal in plan.proposals]
    assert sleeves == [Sleeve.RESERVE, Sleeve.CORE, Sleeve.CORE, Sleeve.HEDGE, Sleeve.HEDGE]


def test_the_hedge_goes_back_to_the_inner_level_of_its_band() -> None:
    """15 % of 0.84 BTC is 0.126; a gap of 6,300 is beyond 1,000, so it shrinks to 500: 0.116 BTC are sold."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    assert ("sell", "BTC/USDT:USDT", d("0.116")) in orders(plan_of(a_policy(), snapshot))


def test_the_futures_wallet_is_funded_to_its_target_leverage() -> None:
    """0.116 BTC and 1.48 ETH short are 9,500 of notional: 4,750 of collateral make 2x."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    transfer = next(p.legs[0] for p in plan_of(a_policy(), snapshot).proposals if p.sleeve is Sleeve.RESERVE)
    assert isinstance(transfer, TransferRequest)
    assert (transfer.source, transfer.target, transfer.amount) == (WalletKind.SPOT, WalletKind.LINEAR, d(4750))


def test_collateral_beyond_need_comes_back_last() -> None:
    """A wallet of 20,000 for 9,500 of shorts is at 0.48x, outside 1.5–3: all but 4,750 goes back."""
    shorts = (a_short("BTC", "0.116", entry=50_000), a_short("ETH", "1.48", entry=2_500))
    snapshot = a_snapshot(
        spot={"BTC": "0.84", "ETH": "11.2", "USDT": 10_000}, price=PRICES, futures_usdt=20_000, shorts=shorts
    )
    last = plan_of(a_policy(), snapshot).proposals[-1].legs[0]
    assert isinstance(last, TransferRequest)
    assert (last.target, last.amount) == (WalletKind.SPOT, d(15_250))


def test_an_over_hedge_is_bought_back_reduce_only() -> None:
    """0.3 of 0.84 BTC short is 35.7 %, above the 20 % allowed."""
    snapshot = a_snapshot(
        spot={"BTC": "0.84", "ETH": "11.2", "USDT": 20_000}, price=PRICES, futures_usdt=10_000,
        shorts=(a_short("BTC", "0.3", entry=50_000), a_short("ETH", "1.48", entry=2_500)),
    )  # fmt: skip
    first = plan_of(a_policy(), snapshot).proposals[0].legs[0]
    assert isinstance(first, OrderRequest)
    assert (first.side, first.reduce_only, first.quantity) == (Side.BUY, True, d("0.164"))


def test_an_asset_whose_contract_is_not_listed_goes_unhedged() -> None:
    """No contract, no hedge; the core is balanced all the same."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    quotes = {symbol: quote for symbol, quote in snapshot.quotes.items() if symbol != "ETH/USDT:USDT"}
    assert {s for _, s, _ in orders(plan_of(a_policy(), replace(snapshot, quotes=quotes)))} == {"BTC/USDT:USDT"}


def test_a_large_trade_is_cut_into_orders_within_the_limit() -> None:
    """37,500 of BTC with 10,000 an order: four slices that sum to 0.75 coins."""
    policy = core_only(limits=wide_limits(max_order_value=d(10_000)))
    plan = plan_of(policy, a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    bitcoin = [quantity for _, symbol, quantity in orders(plan) if symbol == "BTC/USDT"]
    assert len(bitcoin) == 4
    assert sum(bitcoin) == d("0.75")


def test_slices_no_venue_would_take_are_not_proposed() -> None:
    """An order limit below the minimum of 5 leaves nothing to send."""
    policy = core_only(limits=wide_limits(max_order_value=d(3)))
    plan = plan_of(policy, a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    assert plan.proposals == ()
    assert all("below what the venue takes" in skipped.reason for skipped in plan.skipped)


def test_when_one_side_of_a_trade_is_dust_both_are_left_out() -> None:
    """ETH's minimum of 10,000 swallows the purchase, so BTC is not sold for nothing."""
    policy = core_only(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}})
    snapshot = a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES)
    instruments = {**snapshot.instruments, "ETH/USDT": a_spot("ETH", min_notional=d(10_000))}
    plan = plan_of(policy, replace(snapshot, instruments=instruments))
    assert plan.proposals == ()
    assert [s.asset for s in plan.skipped] == ["ETH", "BTC"]


def test_what_may_never_be_sold_is_kept_and_less_is_bought() -> None:
    """Only 0.02 of 0.98 BTC may go: 1,000 instead of 4,375, on both sides."""
    rules = {"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}, "never_sell": {"BTC": d("0.96")}}
    plan = plan_of(core_only(rules=rules), a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES))
    assert orders(plan) == [("sell", "BTC/USDT", d("0.02")), ("buy", "ETH/USDT", d("0.4"))]


def test_purchases_shrink_to_the_money_above_the_reserve() -> None:
    """With a reserve minimum of half the equity, a core worth 62,500 cannot be bought from 100,000."""
    policy = core_only()
    policy = replace(policy, reserve=replace(policy.reserve, minimum=d("0.5")))
    plan = plan_of(policy, a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    assert sum(p.value for p in plan.proposals) < d(50_000)
    assert "not enough free money" in plan.skipped[0].reason


def test_an_asset_that_just_traded_rests() -> None:
    """A purchase 2 h ago with a cool-down of 8 h: skipped, and said so."""
    policy = core_only()
    policy = replace(policy, schedule=replace(policy.schedule, cooldown_hours=d(8)))
    sent = SentOrder(
        at=NOON - timedelta(hours=2), symbol="BTC/USDT", sleeve=Sleeve.CORE, asset="BTC", side=Side.BUY,
        quantity=d("0.1"), filled=d("0.1"), value=d(5000), adds_risk=True,
    )  # fmt: skip
    plan = plan_of(policy, a_snapshot(spot={"USDT": 100_000}, price=PRICES), a_memory(sent=(sent,)))
    assert {symbol for _, symbol, _ in orders(plan)} == {"ETH/USDT"}
    assert "traded less than 8 h ago" in plan.skipped[0].reason


@pytest.mark.parametrize("side", ["BTC", "ETH"])
def test_a_hedge_in_dust_or_resting_is_reported(side: str) -> None:
    """A contract of 1,000 coins cannot hedge a fraction of one."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    symbol = f"{side}/USDT:USDT"
    instrument = replace(snapshot.instruments[symbol], step=d(1000), min_quantity=d(1000))
    policy = a_policy()
    assert policy.hedge is not None
    policy = replace(policy, hedge=replace(policy.hedge, leverage=a_band(0, 2, 3)))
    plan = plan_of(policy, replace(snapshot, instruments={**snapshot.instruments, symbol: instrument}))
    assert side not in {p.asset for p in plan.proposals}


def test_a_sale_is_cut_by_its_value_at_the_reference_price_as_the_gate_judges_it() -> None:
    """4,375 of BTC with 4,200 an order: at the limit of −5 % it is worth 4,156, at mid too much for one order."""
    limits = wide_limits(max_order_value=d(4200))
    policy = core_only(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}}, limits=limits)
    plan = plan_of(policy, a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES))
    sold = [p.value for p in plan.proposals if getattr(p.legs[0], "side", None) is Side.SELL]
    assert len(sold) == 2
    assert max(sold) <= 4200


def test_only_purchases_that_can_be_paid_are_hedged() -> None:
    """Half the equity stays in reserve: the hedge follows the 46,000 that are bought, not the 62,500 wanted."""
    policy = a_policy()
    policy = replace(policy, reserve=replace(policy.reserve, minimum=d("0.5")))
    plan = plan_of(policy, a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    bought = sum(p.value for p in plan.proposals if p.sleeve is Sleeve.CORE)
    hedged = sum(p.value for p in plan.proposals if p.sleeve is Sleeve.HEDGE)
    assert bought < 50_000
    assert hedged <= d("0.15") * bought


def test_what_money_is_left_goes_where_it_makes_an_order() -> None:
    """1,050 above the reserve pay 1,000: cut evenly, ETH would get 400, below its minimum of 500; BTC gets all."""
    policy = core_only(limits=wide_limits(max_slippage=d("0.049")))
    policy = replace(policy, reserve=replace(policy.reserve, minimum=d("0.9895")))
    snapshot = a_snapshot(spot={"USDT": 100_000}, price=PRICES)
    instruments = {**snapshot.instruments, "ETH/USDT": a_spot("ETH", min_notional=d(500))}
    plan = plan_of(policy, replace(snapshot, instruments=instruments))
    assert orders(plan) == [("buy", "BTC/USDT", d("0.02"))]
    assert [(one.asset, one.value) for one in plan.skipped] == [("BTC+ETH", d(61_500))]


def test_no_collateral_moves_for_a_hedge_that_cannot_be_placed() -> None:
    """Contracts of 1,000 coins: nothing is sold short, so the futures wallet stays empty."""
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    coarse = {s: replace(i, step=d(1000)) for s, i in snapshot.instruments.items() if ":" in s}
    plan = plan_of(a_policy(), replace(snapshot, instruments={**snapshot.instruments, **coarse}))
    assert plan.proposals == ()
    assert [one.sleeve for one in plan.skipped] == [Sleeve.HEDGE, Sleeve.HEDGE]


def test_a_remainder_of_the_last_digit_is_no_wanted_trade() -> None:
    """A core of 69,980 inside its band: three gaps that miss zero in the 28th digit are not worth a line."""
    policy = core_only(assets={"BTC": "0.5", "ETH": "0.3", "SOL": "0.2"})
    prices = {"BTC": 50_000, "ETH": 2_500, "SOL": 100}
    plan = plan_of(policy, a_snapshot(spot={"BTC": "0.7", "ETH": "8.4", "SOL": "139.8", "USDT": 30_000}, price=prices))
    assert plan == Plan(proposals=(), skipped=())


def test_purchases_count_on_what_is_really_sold() -> None:
    """BTC is 15 % over: 11,250 are too much, but in tenths of a coin only 10,000 are sold, and no reserve helps."""
    policy = core_only(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}}, core=("0.6", "0.7", 1))
    policy = replace(policy, reserve=replace(policy.reserve, minimum=d(0)))
    snapshot = a_snapshot(spot={"BTC": "1.5", "ETH": 10, "USDT": 0}, price=PRICES)
    instruments = {**snapshot.instruments, "BTC/USDT": replace(snapshot.instruments["BTC/USDT"], step=d("0.1"))}
    plan = plan_of(policy, replace(snapshot, instruments=instruments))
    sale, purchase = plan.proposals
    assert sale.value == 10_000
    assert purchase.value < 10_000


def test_a_hedge_that_just_grew_rests_and_asks_for_no_collateral() -> None:
    """BTC was sold short 2 h ago: with a cool-down of 8 h only ether is, and 1.48 of it need 1,850 for 2x."""
    policy = a_policy()
    policy = replace(policy, schedule=replace(policy.schedule, cooldown_hours=d(8)))
    sent = SentOrder(
        at=NOON - timedelta(hours=2), symbol="BTC/USDT:USDT", sleeve=Sleeve.HEDGE, asset="BTC", side=Side.SELL,
        quantity=d("0.01"), filled=d("0.01"), value=d(500), adds_risk=True,
    )  # fmt: skip
    snapshot = a_snapshot(spot={"BTC": "0.84", "ETH": "11.2", "USDT": 30_000}, price=PRICES)
    plan = plan_of(policy, snapshot, a_memory(sent=(sent,)))
    transfer, hedge = (p.legs[0] for p in plan.proposals)
    assert isinstance(transfer, TransferRequest)
    assert isinstance(hedge, OrderRequest)
    assert (transfer.amount, hedge.symbol, hedge.quantity) == (d(1850), "ETH/USDT:USDT", d("1.48"))
    assert plan.skipped[0].reason == "resting: it traded less than 8 h ago"


@pytest.mark.parametrize(("futures", "swept"), [(16_000, False), (18_000, True)])
def test_a_sweep_waits_for_what_the_hedge_opens(futures: int, swept: bool) -> None:
    """Half of 50,000 less 480 is sold at 2x: 12,260 of margin and 12 of fee, of 16,000 not 5,000 may leave."""
    policy = a_policy(core=("0", "0.5", "1"), hedge=(0, "0.5", 1), limits=wide_limits(max_leverage_setting=d(2)))
    book = a_snapshot(price=PRICES, spot={"BTC": "0.6", "ETH": 8, "USDT": 30_000}, futures_usdt=futures)
    leg = TransferRequest(asset="USDT", amount=d(5_000), source=WalletKind.LINEAR, target=WalletKind.SPOT)
    wishes = SleeveWishes(sweep=TransferWish(leg=leg, reason="profit", value=d(5_000)))
    exposure = measure_exposure(book, policy)
    plan = draft_plan(policy, exposure, set_targets(policy, exposure, book), book, a_memory(), wishes)
    assert [p.reason for p in plan.proposals if p.legs == (leg,)] == (["profit"] if swept else [])
    waits = [one.reason for one in plan.skipped if one.asset == "USDT"]
    assert waits == ([] if swept else ["waits: what is opened now needs it as collateral"])
