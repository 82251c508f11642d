"""decide: one pure step from what is seen to what may be done, with everything a person should know."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.canonical import digest, from_text, number_text, to_plain, to_text
from bot.decide import decide
from bot.domain.instrument import WalletKind
from bot.domain.memory import Memory
from bot.domain.order import OrderRequest, Side, Sleeve, TransferRequest
from bot.domain.plan import Decision
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import RatioRule, RatioTrigger, SweepRules
from bot.domain.sleeves import SleeveState
from bot.domain.snapshot import Snapshot, Wallets
from tests.builders import NOON, Number, a_memory, a_policy, a_short, a_snapshot, d

PRICES = {"BTC": 50_000, "ETH": 2_500}


def test_a_drifted_book_gets_an_approved_plan_and_its_risk() -> None:
    """BTC is 70 % of the core: sold, hedged, and the risk after it is smaller."""
    decision = decide(
        a_policy(), a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES), a_memory()
    )
    assert {item.proposal.sleeve for item in decision.verdict.approved} == {Sleeve.CORE, Sleeve.HEDGE, Sleeve.RESERVE}
    assert decision.verdict.denied == ()
    assert decision.verdict.after.net_delta < decision.verdict.before.net_delta
    assert decision.notes == ()


def test_what_no_order_says_is_noted() -> None:
    """A stranger coin, an unpriced one, and a reserve below its minimum."""
    snapshot = a_snapshot(
        spot={"BTC": "1.2", "ETH": 15, "USDT": 2_000, "DOGE": 100, "AIRDROP": 5}, price={**PRICES, "DOGE": 1}
    )
    decision = decide(a_policy(hedge=None), snapshot, a_memory())
    assert decision.notes == (
        "AIRDROP is held and has no price in USDT: not counted",
        "the reserve is below its minimum (2000.00 of 9960.00 USDT): no purchases",
        "DOGE is held and is not in the policy: counted, never traded",
    )


def test_a_decision_has_one_text_and_comes_back_from_it() -> None:
    """Canonical JSON: the same letters after a round trip."""
    decision = decide(
        a_policy(), a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES), a_memory()
    )
    text = to_text(decision)
    assert to_text(from_text(Decision, text)) == text
    assert to_plain(decision)["policy"] == "test"
    assert len(digest(text)) == 64


def test_a_snapshot_of_before_wallets_were_told_is_read_and_decided_as_it_was() -> None:
    """Without the two newer fields: the ledger stands where the epoch does, and money moves by transfers."""
    snapshot = a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES, epoch=17)
    old = {name: told for name, told in to_plain(snapshot).items() if name not in ("ledger_sequence", "wallets")}
    read = from_text(Snapshot, json.dumps(old))
    assert (read.ledger_sequence, read.wallets) == (17, Wallets.SEPARATE)
    assert to_text(decide(a_policy(), read, a_memory())) == to_text(decide(a_policy(), snapshot, a_memory()))


def test_a_ledger_that_counts_otherwise_than_the_account_keeps_its_own_place() -> None:
    """A venue that numbers its ledger by milliseconds: 3 account events, and a sequence of its own."""
    assert a_snapshot(epoch=3).ledger_sequence == 3
    assert a_snapshot(epoch=3, ledger_sequence=1_767_268_800_000_999).ledger_sequence == 1_767_268_800_000_999
    assert a_snapshot(epoch=3, ledger_sequence=0).ledger_sequence == 0


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.50", "1.5"), ("1E+3", "1000"), ("-0.0", "0"), ("0.000", "0"), ("1E-18", "0.000000000000000001")],
)
def test_equal_numbers_have_equal_texts(number: str, text: str) -> None:
    """No exponent, no trailing zeros, no negative zero."""
    assert number_text(d(number)) == text


def test_what_has_no_text_is_refused() -> None:
    """A set has no order, and a class instance no fields."""
    with pytest.raises(TypeError):
        to_text({1, 2})
    with pytest.raises(TypeError):
        to_text(object())


def test_the_same_world_gives_the_same_letters() -> None:
    """I24: mappings listed in another order decide alike."""
    snapshot = a_snapshot(spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000}, price=PRICES)
    turned = replace(
        snapshot,
        balances=snapshot.balances[::-1],
        quotes=dict(reversed(list(snapshot.quotes.items()))),
        instruments=dict(reversed(list(snapshot.instruments.items()))),
    )
    assert to_text(decide(a_policy(), turned, a_memory())) == to_text(decide(a_policy(), snapshot, a_memory()))


# ── the sweep ────────────────────────────────────────────────────────────────


def sweeping(to: Sleeve = Sleeve.RESERVE, **changes: Any) -> Policy:
    """BTC alone, hedged by a tenth; settled profit above 0.5 % of equity goes, 3 % a day at most."""
    fields: dict[str, Any] = {
        "to": to,
        "floor": d("0.005"),
        "minimum": d("0.001"),
        "max_daily": d("0.03"),
        "min_survival": d("0.2"),
        "advise_only": False,
    }
    return a_policy(assets={"BTC": 1}, hedge=(0, "0.1", "0.2"), sweep=SweepRules(**(fields | changes)))


def a_profitable_hedge(free: Number = 8_000) -> Snapshot:
    """100,000: 1.4 BTC at 50,000, a tenth of them sold at 50,000, the wallet at 0.9x, outside its band of 1.5 to 3."""
    return a_snapshot(
        spot={"BTC": "1.4", "USDT": 30_000 - d(free)},
        price={"BTC": 50_000},
        futures_usdt=free,
        shorts=(a_short("BTC", "0.14", entry=50_000),),
    )


def settled(amount: Number, **changes: Any) -> Memory:
    """A memory in which the futures wallets have earned so much that was not swept yet."""
    return a_memory(sleeves=SleeveState(settled=d(amount)), **changes)


def transfers(decision: Decision) -> list[TransferRequest]:
    """The transfers of a plan."""
    return [leg for one in decision.plan.proposals for leg in one.legs if isinstance(leg, TransferRequest)]


def test_settled_profit_leaves_the_wallet_and_nothing_else_moves_it() -> None:
    """2,000 settled less a floor of 500: 1,500 go. The 4,500 that 2x does not need wait for the next cycle."""
    decision = decide(sweeping(), a_profitable_hedge(), settled(2_000))
    assert transfers(decision) == [
        TransferRequest(
            asset="USDT", amount=d(1_500), source=WalletKind.LINEAR, target=WalletKind.SPOT, sleeve=Sleeve.RESERVE
        )
    ]
    assert [one.amount for one in transfers(decide(sweeping(), a_profitable_hedge(), settled(500)))] == [4_500]
    assert decision.verdict.denied == ()


def test_profit_swept_to_the_core_buys_it() -> None:
    """1,500 go to the spot wallet, and BTC is bought with them at the worst price and its fee."""
    decision = decide(sweeping(Sleeve.CORE), a_profitable_hedge(), settled(2_000))
    (transfer,) = transfers(decision)
    assert (transfer.amount, transfer.sleeve) == (1_500, Sleeve.CORE)
    (bought,) = [leg for one in decision.plan.proposals for leg in one.legs if isinstance(leg, OrderRequest)]
    assert (bought.side, bought.symbol) == (Side.BUY, "BTC/USDT")
    assert bought.price is not None
    assert d(1_400) < bought.quantity * bought.price <= d(1_500)


def test_a_sweep_never_takes_more_than_the_day_allows_and_counts_what_was_moved() -> None:
    """3 % of 100,000 a day; 2,000 were moved today: 1,000 are left."""
    (transfer,) = transfers(decide(sweeping(), a_profitable_hedge(), settled(9_000, transferred=d(2_000))))
    assert transfer.amount == 1_000


def test_a_sweep_leaves_what_a_rally_needs() -> None:
    """A doubling costs the 7,000 short 7,000 and leaves 56 of maintenance margin: of 8,000 may go 944."""
    policy = sweeping(min_survival=d(1), minimum=d(0))
    (transfer,) = transfers(decide(policy, a_profitable_hedge(), settled(2_000)))
    assert transfer.amount == 944


def test_a_sweep_that_is_only_advised_is_said() -> None:
    """No transfer of it: the collateral is balanced as ever, and the advice names the amount."""
    decision = decide(sweeping(advise_only=True), a_profitable_hedge(), settled(2_000))
    (advice,) = decision.plan.advice
    assert (advice.sleeve, advice.subject, advice.value) == (Sleeve.RESERVE, "sweep", 1_500)
    assert [one.amount for one in transfers(decision)] == [4_500]


# ── what a person should know ────────────────────────────────────────────────


def test_a_hedge_hurt_by_a_rally_is_talked_about() -> None:
    """0.14 BTC sold at 30,000 have lost 2,800 of 97,200: the cost of closing and of keeping it is said."""
    snapshot = replace(a_profitable_hedge(), positions={"BTC/USDT:USDT": a_short("BTC", "0.14", entry=30_000)})
    (advice,) = [one for one in decide(sweeping(), snapshot, a_memory()).plan.advice if one.subject == "rally"]
    assert (advice.sleeve, advice.value) == (Sleeve.HEDGE, 2_800)
    assert "nothing is closed by this" in advice.text
    assert decide(sweeping(), a_profitable_hedge(), a_memory()).plan.advice == ()


def test_a_ratio_that_rules_drive_is_in_the_targets_and_told_in_the_notes() -> None:
    """3 % below its EMA: 60 % of the coins, within the range."""
    rule = RatioRule(name="trend", trigger=RatioTrigger.TREND, days=200, enter=d("0.02"), leave=d(0), ratio=d("0.6"))
    policy = a_policy(assets={"BTC": 1}, hedge=("0.2", "0.4", "0.7"))
    assert policy.hedge is not None
    policy = replace(policy, hedge=replace(policy.hedge, rules=(rule,)))
    trend = Measure(kind=MeasureKind.PRICE_OVER_EMA, subject="BTC", periods=(200,))
    memory = a_memory(readings=(Reading(measure=trend, value=d("-0.03"), at=NOON),))
    decision = decide(policy, a_snapshot(spot={"BTC": "1.4", "USDT": 30_000}, price={"BTC": 50_000}), memory)
    state = decision.targets.assets["BTC"].ratio_state
    assert state is not None
    assert (state.target, state.active) == (d("0.6"), ("trend",))
    (note,) = decision.notes
    assert note.startswith("BTC hedge ratio 60")
