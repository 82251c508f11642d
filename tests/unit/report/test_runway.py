"""What a transfer buys, in words: the rally survived and the days of funding."""

from dataclasses import replace

from bot.domain.plan import RiskFigures
from bot.report.runway import runway_days, runway_words
from tests.builders import d

FIGURES = RiskFigures(
    net_delta=d("0.7"), leverage=d("0.2"), margin_ratio=d("0.01"), liquidation_distance=d("0.493"),
    survives_rally=d("0.493"), crash_loss=d(-14_000), funding_per_day=d("2.85"), liquidation=None,
    futures_equity=d(10_000),
)  # fmt: skip


def test_a_short_that_is_paid_has_a_runway_without_end() -> None:
    """Funding is received: only the rally counts."""
    assert runway_days(FIGURES) is None
    assert runway_words(FIGURES) == "then survives +49.3%, funding is received"


def test_a_short_that_pays_has_days_of_funding() -> None:
    """10,000 of which 1 % is maintenance, 330 a day: 9,900 / 330 = 30 days; a wallet at its margin has none."""
    paying = replace(FIGURES, funding_per_day=d(-330))
    assert runway_days(paying) == 30
    assert runway_words(paying) == "then survives +49.3%, 30 days of funding"
    assert runway_days(replace(paying, margin_ratio=d(1))) == 0


def test_a_wallet_without_shorts_is_ended_by_no_rally() -> None:
    """Nothing is held, or only longs."""
    empty = replace(FIGURES, survives_rally=None, margin_ratio=None)
    assert runway_days(replace(empty, funding_per_day=d(-1))) is None
    assert runway_words(empty) == "then no rally ends it"
