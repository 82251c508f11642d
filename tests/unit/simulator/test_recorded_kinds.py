"""A record of every kind: coin-margined and dated contracts, what is optional, and what stands in for spot."""

from pathlib import Path

import pytest

from bot.domain.instrument import Kind
from bot.errors import SettingsRefused
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted
from tests.builders import d
from tests.unit.simulator.records import (
    BARS,
    DATED,
    FUTURE,
    HOUR,
    INVERSE,
    LINEAR,
    MIDNIGHT,
    SPOT,
    at,
    bars,
    dated,
    hourly,
    written,
)

WITH_INVERSE = USUAL_KINDS | {Kind.INVERSE_PERPETUAL}
WITH_FUTURE = USUAL_KINDS | {Kind.LINEAR_FUTURE}


def btc(folder: Path, **changes: object) -> RecordedMarket:
    """The recorded market of BTC."""
    return recorded_market(folder, Wanted(assets=("BTC",), **changes))  # type: ignore[arg-type]


def test_an_inverse_perpetual_has_prices_and_funding_of_its_own(tmp_path: Path) -> None:
    """At 10:00 its bar of 09:00 closed at 309; it is a contract of 100 USD, and its index is spot's 109."""
    market = btc(hourly(tmp_path), kinds=WITH_INVERSE)
    quotes, funding = market.quotes(MIDNIGHT + 10 * HOUR), market.funding(MIDNIGHT + 10 * HOUR)
    assert (quotes[INVERSE].mark, quotes[INVERSE].index) == (309, 109)
    assert market.instruments[INVERSE].contract_size == 100
    assert funding[INVERSE].rate == d("0.0002")
    assert [paid.mark for paid in market.settlements(MIDNIGHT + HOUR, MIDNIGHT + 8 * HOUR)] == [307, 207]


def test_only_the_kinds_wanted_are_listed(tmp_path: Path) -> None:
    """As before, spot and linear perpetual; the file holds more."""
    market = btc(dated(hourly(tmp_path)))
    assert set(market.instruments) == {SPOT, LINEAR}
    assert market.description == "recorded binance 1h BTC in USDT 2024-01-01..2024-01-02 spread=1bp"


def test_the_description_names_every_further_kind(tmp_path: Path) -> None:
    """Two markets that list different things are different markets."""
    market = btc(dated(hourly(tmp_path)), kinds=WITH_INVERSE, optional=frozenset({Kind.LINEAR_FUTURE}))
    assert market.description.endswith("spread=1bp kinds=+inverse-perpetual,linear-future")


def test_a_dated_contract_is_listed_from_its_first_close_until_its_delivery(tmp_path: Path) -> None:
    """Its first bar closes at 05:00, it is delivered at 08:00: shown at 05:00 and 07:59, not at 04:59 and 08:00."""
    market = btc(dated(hourly(tmp_path)), kinds=WITH_FUTURE)
    instant = HOUR / 3600
    for hours, shown in ((5 * HOUR - instant, False), (5 * HOUR, True), (8 * HOUR - instant, True), (8 * HOUR, False)):
        assert (FUTURE in market.instruments_at(MIDNIGHT + hours)) is shown
        assert (FUTURE in market.quotes(MIDNIGHT + hours)) is shown
    rules = market.instruments[FUTURE]
    assert (rules.listed_at, rules.expiry) == (MIDNIGHT + 5 * HOUR, MIDNIGHT + 8 * HOUR)


def test_its_last_bar_is_the_one_that_closes_at_delivery(tmp_path: Path) -> None:
    """Bars opened at 08:00 and later are not of the contract: the path knows it last at 08:00, at 407."""
    market = btc(dated(hourly(tmp_path)), kinds=WITH_FUTURE)
    steps = {step.at: step.spans for step in market.path(MIDNIGHT + 3 * HOUR, MIDNIGHT + 10 * HOUR)}
    known = [moment for moment, spans in steps.items() if FUTURE in spans]
    assert known == [MIDNIGHT + hour * HOUR for hour in (5, 6, 7, 8)]
    assert steps[MIDNIGHT + 8 * HOUR][FUTURE].last == 407


def test_it_is_delivered_at_spots_close(tmp_path: Path) -> None:
    """Not at its own last trade of 407: spot closed at 107."""
    assert btc(dated(hourly(tmp_path)), kinds=WITH_FUTURE).settlement_price(FUTURE, MIDNIGHT + 8 * HOUR) == 107


def test_the_market_begins_and_ends_with_spot_and_perpetuals(tmp_path: Path) -> None:
    """Dated contracts come and go within it."""
    market = btc(dated(hourly(tmp_path)), kinds=WITH_FUTURE)
    assert (market.start, market.end) == (MIDNIGHT + HOUR, MIDNIGHT + 24 * HOUR)


def test_a_contract_delivered_before_its_first_bar_is_none(tmp_path: Path) -> None:
    """Wholly defective rows are left aside; where none is left an optional kind is simply not there."""
    market = btc(dated(hourly(tmp_path), first=9), optional=frozenset({Kind.LINEAR_FUTURE}))
    assert set(market.instruments) == {SPOT, LINEAR}


def test_a_contract_cannot_be_delivered_twice(tmp_path: Path) -> None:
    """The second line says another delivery."""
    lines = [bars("future_linear", FUTURE, {hour: 400}, last=str(at(MIDNIGHT + hour * HOUR)))[0] for hour in (8, 9)]
    written(hourly(tmp_path), "dated.csv", DATED, lines)
    with pytest.raises(SettingsRefused, match=r"dated\.csv line 3: .* is delivered at"):
        btc(tmp_path, kinds=WITH_FUTURE)


@pytest.mark.parametrize("kind", [Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE])
def test_a_kind_that_was_never_recorded_is_refused_by_name(tmp_path: Path, kind: Kind) -> None:
    """No dated contract is in the folder."""
    with pytest.raises(SettingsRefused, match=f"nowhere: {kind}"):
        btc(hourly(tmp_path), kinds=USUAL_KINDS | {kind})


def test_an_optional_kind_that_was_not_recorded_is_left_out(tmp_path: Path) -> None:
    """Nothing is made up for it, and nothing is refused."""
    optional = frozenset({Kind.INVERSE_FUTURE, Kind.LINEAR_FUTURE, Kind.INVERSE_PERPETUAL})
    assert set(btc(hourly(tmp_path), optional=optional).instruments) == {SPOT, LINEAR, INVERSE}


@pytest.mark.parametrize(
    "defect", ["begins late", "ends early", "has no rates", "begins without rates", "ends without rates"]
)
def test_an_optional_perpetual_must_last_as_long_as_the_rest(tmp_path: Path, defect: str) -> None:
    """A contract with prices for half the time only would be stale, or vanish with a position in it."""
    names = {"begins late": "bars", "ends early": "bars"}
    file = hourly(tmp_path) / f"{names.get(defect, 'rates')}.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if INVERSE in line]
    gone = {"begins late": own[:3], "ends early": own[-1:], "has no rates": own, "begins without rates": own[:1]}
    kept = [line for line in lines if line not in gone.get(defect, own[-1:])]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert set(btc(tmp_path, optional=frozenset({Kind.INVERSE_PERPETUAL})).instruments) == {SPOT, LINEAR}


def test_a_contract_may_stand_for_spot_when_asked_and_says_so(tmp_path: Path) -> None:
    """Four-hourly perpetuals without spot: their own price is taken for spot, so no basis is seen."""
    hourly(tmp_path)
    written(tmp_path, "four.csv", BARS, bars("perp_linear", LINEAR, {0: 500, 4: 501, 8: 502}, timeframe="4h"))
    with pytest.raises(SettingsRefused, match="nowhere: BTC/USDT"):
        btc(tmp_path, timeframe="4h")
    market = btc(tmp_path, timeframe="4h", spot_from=Kind.LINEAR_PERPETUAL)
    quotes = market.quotes(MIDNIGHT + 8 * HOUR)
    assert (quotes[SPOT].last, quotes[LINEAR].mark) == (501, 501)
    assert market.description.endswith("spot-from=linear-perpetual")


def test_without_recorded_funding_none_is_paid_and_the_market_says_so(tmp_path: Path) -> None:
    """Only when asked: otherwise missing rates are a refusal."""
    (hourly(tmp_path) / "rates.csv").unlink()
    with pytest.raises(SettingsRefused, match="nowhere: funding"):
        btc(tmp_path)
    market = btc(tmp_path, funding=False, optional=frozenset({Kind.INVERSE_PERPETUAL}))
    assert (market.funding(MIDNIGHT + HOUR), market.settlements(MIDNIGHT, MIDNIGHT + 24 * HOUR)) == ({}, ())
    assert INVERSE in market.instruments
    assert market.description.endswith("kinds=+inverse-perpetual without-funding")


def test_bars_of_different_times_make_no_market(tmp_path: Path) -> None:
    """Spot of one day and a perpetual of the next."""
    written(
        tmp_path,
        "bars.csv",
        BARS,
        [*bars("spot", SPOT, {0: 100, 1: 101}), *bars("perp_linear", LINEAR, {30: 100, 31: 101})],
    )
    with pytest.raises(SettingsRefused, match="not for the same time"):
        btc(tmp_path, funding=False)
