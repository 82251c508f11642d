"""The what-if page: the article's table with the right figures, and the whole book."""

from bot.report.whatif_page import show_what_if, show_what_if_book, what_if_book_json, what_if_json
from bot.whatif import HedgeTerms, prices_after, what_if, what_if_book
from tests.builders import LADDER, d
from tests.golden import matches
from tests.unit.report.pages import balanced, printed, the_policy, widest

PRICE = d(70_000)
MOVES = prices_after(PRICE, [d(-10_000), d(10_000)])
RATIOS = [d(0), d("0.5")]
TWICE = HedgeTerms(tiers=LADDER, leverage=d(2))
ARTICLE = HedgeTerms(tiers=LADDER, margin_share=d("0.05"), fee=d("0.0005"), funding=d("0.0001"), days=d(30))


def test_the_article_s_table_with_the_right_figures() -> None:
    """−50,000 and +50,000 at 2x, which lives to 104,488."""
    text = printed(show_what_if, what_if(d(10), PRICE, MOVES, RATIOS, TWICE), TWICE)
    assert widest(text) <= 80
    assert matches("whatif-article", text)


def test_the_article_s_own_margin_with_fees_and_funding() -> None:
    """Liquidated at 76,993; the page says what leverage would have lived."""
    text = printed(show_what_if, what_if(d(10), PRICE, MOVES, RATIOS, ARTICLE), ARTICLE)
    assert "76,993 (+10.0%)" in text
    assert "it needs at most 6.74x" in text
    assert widest(text) <= 80
    assert matches("whatif-five-percent", text)


def test_a_small_holding_shows_cents() -> None:
    """A tenth of a coin at a few units."""
    rows = what_if(d("0.1"), d("12.34"), prices_after(d("12.34"), [d("-0.1")]), RATIOS, TWICE)
    assert "-0.12" in printed(show_what_if, rows, TWICE)


def test_the_whole_book_under_joint_moves() -> None:
    """As it is, and at three ratios."""
    rows = what_if_book(balanced(), the_policy(), [d("-0.2"), d("0.6")], [None, d(0), d("0.5"), d(1)])
    text = printed(show_what_if_book, rows)
    assert widest(text) <= 80
    assert matches("whatif-book", text)
    assert what_if_book_json(rows, quote="USDT")["rows"][0]["ratio"] is None


def test_no_move_shows_nothing() -> None:
    """And says so."""
    assert "no move was given" in printed(show_what_if, [], TWICE)
    assert "no move was given" in printed(show_what_if_book, [])


def test_the_json_holds_every_figure_as_text() -> None:
    """And the terms it was reckoned on."""
    body = what_if_json(what_if(d(10), PRICE, MOVES, RATIOS, TWICE), TWICE, asset="BTC", quote="USDT")
    assert body["rows"][2]["net"] == "-50000"
    assert body["terms"]["leverage"] == "2"
