"""The hedge page: the same cut of delta in every contract at 80 columns."""

from dataclasses import replace

from bot.domain.instrument import Kind
from bot.policy.hedge.choice import CONTRACTS, HedgeOption, cheapest, compare
from bot.report.hedge_page import hedges_json, show_hedges
from tests.builders import a_policy, a_spot, d
from tests.golden import matches
from tests.unit.policy.hedge.test_choice import FIVE, LISTED, PRICES, the_market, the_policy
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, told
from tests.unit.report.pages import printed, widest


def found() -> tuple[HedgeOption, ...]:
    """Every kind but one, 2 bp wide."""
    return compare(the_policy(), the_market(*LISTED, prices=PRICES, spread="0.0002"), told("0.08", "0.9"), FIVE)


def test_the_page_of_four_ways() -> None:
    """The coin-margined short first, selling the coins last."""
    pick = cheapest(found(), CONTRACTS)
    text = printed(show_hedges, found(), FIVE, quote="USDT", pick=pick, unlisted=(Kind.INVERSE_FUTURE,))
    assert widest(text) <= 80
    assert matches("hedge-compare", text)


def test_what_cannot_be_had_says_why_and_what_is_not_known_shows_a_dash() -> None:
    """A future about to expire, a perpetual without funding; small money with cents."""
    market = the_market(*LISTED[:2], a_future(days=5), funding={})
    small = compare(the_policy(), market, (), replace(FIVE, coins=d("0.01")))
    text = printed(show_hedges, small, FIVE, quote="USDT", pick=None)
    assert "Cannot be had: BTC/USDT:USDT-260401 expires in 5.0 days, inside the roll window." in " ".join(text.split())
    assert "its funding is not known" in text
    assert "Nothing here can be chosen." in text
    assert "0.70" in text
    assert widest(text) <= 80


def test_the_json_holds_every_figure_as_text() -> None:
    """Cost and its basis points with the rest."""
    body = hedges_json(found(), FIVE, quote="USDT", pick=cheapest(found(), CONTRACTS))
    assert [one["symbol"] for one in body["options"]] == [COIN_PERP, DATED, PERP, SPOT]
    assert all(isinstance(one["cost_bp"], str) for one in body["options"])
    assert body["cheapest"]["kind"] == "inverse-perpetual"
    silent = compare(a_policy(hedge=None), the_market(*LISTED[:2], a_spot(), funding={}), (), FIVE)
    told_of = {one["symbol"]: one for one in hedges_json(silent, FIVE, quote="USDT", pick=None)["options"]}
    assert told_of[PERP]["cost"] is None
