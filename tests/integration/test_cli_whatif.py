"""poise whatif as a person uses it: the article's pages, crashes, funding, basis and outages on the whole book."""

from decimal import Decimal

import pytest

from bot.cli.exits import ExitCode
from tests.shell import poise, well


def test_the_article_s_scenarios_and_its_own_margin() -> None:
    """−50,000 and +50,000 at 2x; 5 % of margin is liquidated at 76,993, +10.0 %."""
    words = ("whatif", "--spot", "BTC=10@70000", "--move=-10000,+10000", "--hedge", "50")
    rows = well(*words, "--json").body["rows"]
    assert [Decimal(row["net"]) for row in rows] == [-50_000, 50_000]
    thin = well(*words, "--margin", "5%").out
    assert "76,993 (+10.0%)" in thin
    assert "LIQUIDATED on the way at 9.50x" in thin
    money = well(*words, "--margin", "175000", "--json").body["rows"]
    assert [Decimal(row["leverage"]) for row in money] == [2, 2]


def test_a_crash_on_the_book_of_today() -> None:
    """Named, with every coin's own fall, and the plan after it."""
    out = well("whatif", "--crash", "2022-06").out
    assert out.startswith("The crash of 2022-06: BTC -44.6%")
    assert "What the policy would do then" in out
    (told,) = well("whatif", "--crash", "2022-06", "--json").body["scenarios"]
    assert Decimal(told["equity_after"]) < Decimal(told["equity"])


def test_after_an_apply_the_hedge_softens_the_crash() -> None:
    """Its wallet has a line, and the hedge gains."""
    well("plan")
    poise("apply", "latest", "--yes")
    (told,) = well("whatif", "--crash", "2020-03-12", "--json").body["scenarios"]
    assert Decimal(told["profits"]["hedge"]) > 0
    assert [wallet["name"] for wallet in told["wallets"]] == ["USDT futures"]
    assert told["wallets"][0]["liquidated"] is False


def test_funding_basis_and_an_outage() -> None:
    """Per cent or fractions, hours or days."""
    assert "shorts pay 0.0500% per 8 h for 3 days" in well("whatif", "--funding=-0.05%", "--days", "3").out
    assert "shorts pay 5.0000% per 8 h for 7 days" in well("whatif", "--funding", "-0.05").out
    assert "contracts +2.00% from their coin" in well("whatif", "--basis", "0.02").out
    words = " ".join(well("whatif", "--outage", "8h", "--move", "-0.2").out.split())
    assert "An outage and a move: every coin -20.0%; nothing can be done for 8 h" in words
    assert "for 2 days" in well("whatif", "--outage", "2d").out


def test_each_of_several_moves_is_a_scenario() -> None:
    """A grid of prices with an outage."""
    told = well("whatif", "--outage", "8", "--move=-20%,0.1", "--json").body["scenarios"]
    assert [one["shock"]["others"] for one in told] == ["-0.2", "0.1"]


def test_another_policy_may_be_asked() -> None:
    """Core only has no hedge to gain by."""
    (told,) = well("whatif", "--policy", "policies/core-only.toml", "--crash", "2022-11", "--json").body["scenarios"]
    assert set(told["profits"]) == {"core"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--crash", "1929"), "there is no crash '1929'; known: 2020-03-12"),
        (("--crash", "2022-06", "--move=-10%"), "both say how far prices go"),
        (("--crash", "2022-06", "--spot", "BTC=1@1"), "--spot stands alone"),
        (("--outage", "8h", "--move=-10000"), "a whole book moves by per cent"),
        (("--outage", "8h", "--move=-100%"), "1 + the move"),
        (("--outage", "soon"), "--outage is 'soon': hours or days up to a year are meant"),
        (("--outage", "0h"), "--outage"),
        (("--basis", "2"), "one share is meant, below 100%"),
        (("--basis", "1%,2%"), "one share is meant"),
        (("--funding", "much"), "--funding has 'much', which is no number"),
        (("--funding", "1%", "--days", "0"), "--days"),
        (("--spot", "BTC=1@70000", "--margin", "x"), "--margin has 'x', which is no number"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(words: tuple[str, ...], said: str) -> None:
    """With the option, and no traceback."""
    told = poise("whatif", *words)
    assert told.code == ExitCode.CONFIGURATION, told.said
    assert said in told.said
    assert "Traceback" not in told.said
