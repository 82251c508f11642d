"""The carry page: every pair with its figures at 80 columns, and why it is not entered."""

from collections.abc import Mapping

from bot.domain.instrument import Kind
from bot.policy.carry.scan import Opportunity, scan
from bot.report.carry_page import carry_json, show_carry
from tests.builders import Number, a_perpetual, a_spot, an_inverse_perpetual, d
from tests.golden import matches
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, a_market, the_rules, told
from tests.unit.report.pages import printed, widest

KINDS = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL, Kind.LINEAR_FUTURE)
RULES = the_rules(kinds=KINDS)
PRICES: Mapping[str, Number] = {SPOT: 70_000, PERP: 69_980, COIN_PERP: 70_000, DATED: 73_500}


def found() -> tuple[Opportunity, ...]:
    """A rich quarter, a perpetual of 8 % whose funding is known, a coin-margined one without prices of the past."""
    listed = (a_spot(), a_perpetual(), an_inverse_perpetual(), a_future())
    return scan("USDT", RULES, a_market(PRICES, *listed, spread="0.0002"), told("0.08", "0.92"))


def test_the_page_of_three_pairs() -> None:
    """Best first; the quarter would be entered, the others say why not."""
    text = printed(show_carry, found(), ("BTC inverse-future",), RULES, quote="USDT", own=True)
    assert widest(text) <= 80
    assert matches("carry-scan", text)


def test_a_pair_without_its_funding_shows_no_figure() -> None:
    """A dash for what is not known."""
    silent = scan("USDT", RULES, a_market(PRICES, a_spot(), a_perpetual(), funding={}), ())
    text = printed(show_carry, silent, (), RULES, quote="USDT", own=False)
    assert "backwardation -0.03%" in text
    assert " –" in text
    assert "the usual rules, since the policy has no carry" in " ".join(text.split())


def test_cheap_coins_show_their_cents_and_nothing_is_said_as_such() -> None:
    """A capital of 15 USDT; and no pair at all."""
    cheap: Mapping[str, Number] = {SPOT: 10, PERP: 10}
    found = scan("USDT", RULES, a_market(cheap, a_spot(), a_perpetual()), told("0.08", "0.9"))
    assert "15.01" in printed(show_carry, found, (), RULES, quote="USDT", own=True)
    assert "No carry pair has prices here." in printed(show_carry, (), (), RULES, quote="USDT", own=True)


def test_the_json_holds_every_figure_as_text() -> None:
    """And whether the pair would be entered."""
    body = carry_json(found(), (), RULES, quote="USDT", own=True)
    first = body["opportunities"][0]
    assert (first["contract"], first["contango"], first["enters"], first["days"]) == (DATED, True, True, "90")
    assert body["rules"]["enter_apr"] == str(d("0.06"))
    assert body["of_policy"] is True
