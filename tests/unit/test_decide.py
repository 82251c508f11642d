"""decide: one pure step from what is seen to what may be done, with everything a person should know."""

from dataclasses import replace

import pytest

from bot.canonical import digest, from_text, number_text, to_plain, to_text
from bot.decide import decide
from bot.domain.order import Sleeve
from bot.domain.plan import Decision
from tests.builders import a_memory, a_policy, a_snapshot, d

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
