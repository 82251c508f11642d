"""The seven figures of a book, reckoned by hand."""

from dataclasses import replace

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.plan import RiskFigures
from bot.domain.snapshot import Balance, FundingRate, MarginMode, Position, Snapshot
from bot.errors import SnapshotUnavailable
from bot.risk.figures import figures
from bot.risk.stress import Holding, survivable_move
from tests.builders import (
    LADDER,
    NOON,
    a_policy,
    a_quote,
    a_short,
    a_snapshot,
    an_inverse_perpetual,
    d,
    wide_limits,
)
from tests.unit.risk.words import PERP, a_book, cents, judged, quoted, sell

POLICY = a_policy()
INVERSE = "BTC/USD:BTC"


def test_the_book_of_these_tests() -> None:
    """10 BTC less 1 short of 1,000,000: 63 % net, 0.07x; −20 % costs 126,000; +1 bp per 8 h pays 21 a day."""
    found = figures(a_book(), POLICY)
    assert found.net_delta == d("0.63")
    assert found.leverage == d("0.07")
    assert found.margin_ratio == d("0.003")
    assert found.crash_loss == -126_000
    assert found.funding_per_day == 21
    assert found.liquidation_distance is not None
    assert cents(found.liquidation_distance * 100) == d("141.72")
    assert found.survives_rally is not None
    assert cents(found.survives_rally * 100) == d("141.72")


def test_a_book_without_contracts_has_no_margin_figures() -> None:
    """None, not zero and not infinity."""
    assert figures(a_book(shorts=()), POLICY) == RiskFigures(
        net_delta=d("0.7"),
        leverage=d(0),
        margin_ratio=None,
        liquidation_distance=None,
        survives_rally=None,
        crash_loss=d(-140_000),
        funding_per_day=d(0),
        liquidation=None,
        futures_equity=d(100_000),
    )


def test_coins_held_elsewhere_count_in_delta_and_not_in_leverage() -> None:
    """10 BTC more in a cold wallet: delta 19 of 1,700,000; leverage stays 70,000 of 1,000,000."""
    found = figures(a_book(), a_policy(rules={"held_elsewhere": {"BTC": d(10)}}))
    assert found.net_delta == d(19) * 70_000 / 1_700_000
    assert found.leverage == d("0.07")


def test_a_short_that_pays_funding_shows_it() -> None:
    """−2 bp every 4 hours: six payments of 14 a day."""
    snapshot = replace(
        a_book(),
        funding={PERP: FundingRate(symbol=PERP, rate=d("-0.0002"), interval_hours=d(4), next_at=NOON)},
    )
    assert figures(snapshot, POLICY).funding_per_day == -84


def joint(snapshot: Snapshot) -> object:
    """The joint rise by the formula of the literature."""
    holdings = [
        Holding(p.quantity, p.entry_price, snapshot.quotes[p.symbol].mark or d(0), LADDER)
        for p in snapshot.positions.values()
    ]
    wallet = sum((b.total for b in snapshot.balances if b.wallet is WalletKind.LINEAR), d(0))
    return survivable_move(wallet, holdings, up=True)


@pytest.mark.parametrize(
    ("btc", "eth", "wallet"), [(5, 50, 105_000), (8, 1000, 900_000), (1, 14, 900_000), (8, 1, 9_000_000)]
)
def test_the_whole_wallet_rises_together(btc: int, eth: int, wallet: int) -> None:
    """Walking the running totals gives what the equation gives, however many tiers lie on the way."""
    shorts = (a_short("BTC", btc, entry=69_000), a_short("ETH", eth, entry=3_600))
    snapshot = a_book(spot={"BTC": 10, "ETH": 10, "USDT": 9_000}, futures_usdt=wallet, shorts=shorts)
    found = figures(snapshot, POLICY).survives_rally
    expected = joint(snapshot)
    assert found is not None
    assert isinstance(expected, type(found))
    assert abs(found - expected) < d("1e-20")


def test_a_long_wallet_survives_every_rally() -> None:
    """Its liquidation lies below, at 40,000 ÷ 0.996 = 40,161."""
    snapshot = a_book(shorts=(a_short("BTC", -1, entry=70_000),), futures_usdt=30_000)
    found = figures(snapshot, POLICY)
    assert found.survives_rally is None
    assert found.liquidation_distance is not None
    assert cents(found.liquidation_distance * 100) == d("42.63")


def test_a_wallet_under_water_survives_nothing() -> None:
    """300 USDT under a short of 70,000 that needs 300 of margin."""
    found = figures(a_book(futures_usdt=300), POLICY)
    assert (found.margin_ratio, found.liquidation_distance, found.survives_rally) == (1, 0, 0)


def test_an_isolated_short_has_its_own_border() -> None:
    """7,000 of its own under 70,000: (7,000 + 50 + 70,000) ÷ 1.005 = 76,667, 9.5 % away; the wallet is far off."""
    alone = a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(7_000))
    found = figures(a_book(shorts=(alone, a_short("ETH", 1, entry=3_500))), POLICY)
    assert found.liquidation_distance == found.survives_rally
    assert found.survives_rally is not None
    assert cents(found.survives_rally * 100) == d("9.52")


def coin_margined(contracts: int, wallet: str, *, price: int = 70_000) -> Snapshot:
    """A book with a coin-margined position of 100 USD a contract entered at 70,000."""
    snapshot = a_snapshot(spot={"BTC": 5, "USDT": 100_000}, price={"BTC": price, "ETH": 3_500})
    position = Position(
        symbol=INVERSE,
        quantity=d(contracts),
        entry_price=d(70_000),
        margin_mode=MarginMode.CROSS,
        leverage=d(2),
    )
    return replace(
        snapshot,
        instruments={**snapshot.instruments, INVERSE: an_inverse_perpetual()},
        quotes={**snapshot.quotes, INVERSE: a_quote(INVERSE, price)},
        balances=(*snapshot.balances, Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(wallet), locked=d(0))),
        positions={INVERSE: position},
        funding={},
    )


@pytest.mark.parametrize("price", [35_000, 70_000, 140_000])
def test_a_coin_margined_hedge_keeps_its_delta_at_every_price(price: int) -> None:
    """10 BTC in all, 5 of them sold at 70,000: 5 BTC of delta, whatever the price (QUANT 2.4)."""
    found = figures(coin_margined(-3_500, "5", price=price), POLICY)
    equity = d(100_000) + 350_000 + 5 * d(price)
    assert abs(found.net_delta - 5 * price / equity) < d("1e-15")
    assert abs(found.leverage - 350_000 / equity) < d("1e-15")


def test_a_coin_margined_short_counts_in_margin_figures() -> None:
    """2.5 BTC under 350,000 USD: liquidated at 139,300, 99 % away; ratio 0.025 ÷ 2.5."""
    found = figures(coin_margined(-3_500, "2.5"), POLICY)
    assert found.liquidation_distance is not None
    assert abs(found.liquidation_distance - d("0.99")) < d("1e-12")
    assert found.survives_rally is not None
    assert abs(found.survives_rally - found.liquidation_distance) < d("1e-12")
    assert found.margin_ratio is not None
    assert abs(found.margin_ratio - d("0.01")) < d("1e-12")


def test_a_coin_margined_long_falls_and_never_rises_to_its_end() -> None:
    """Long 350,000 USD on 5 BTC: liquidated at 35,175, 49.75 % lower."""
    found = figures(coin_margined(3_500, "5"), POLICY)
    assert found.survives_rally is None
    assert found.liquidation_distance is not None
    assert abs(found.liquidation_distance - d("0.4975")) < d("1e-12")


def test_a_coin_margined_wallet_under_water_is_over() -> None:
    """0.02 BTC where 0.025 are needed."""
    found = figures(coin_margined(-3_500, "0.02"), POLICY)
    assert (found.liquidation_distance, found.survives_rally, found.margin_ratio) == (0, 0, 1)


def test_coins_without_a_market_count_nothing() -> None:
    """Dust of a coin nobody quotes is left out."""
    assert figures(a_book(spot={"BTC": 10, "USDT": 200_000, "DUST": 5}), POLICY) == figures(a_book(), POLICY)


@pytest.mark.parametrize(
    ("snapshot", "part"),
    [
        (quoted(a_book(), PERP, mark=None), f"{PERP} mark"),
        (replace(a_book(), quotes={PERP: a_quote(PERP, 1)}), "BTC price"),
        (replace(a_book(), instruments={}), f"{PERP} instrument"),
        (replace(a_book(), quotes={s: q for s, q in a_book().quotes.items() if s != PERP}), f"{PERP} quote"),
        (a_snapshot(spot={}, price={"BTC": 70_000, "ETH": 3_500}), "equity"),
        (
            replace(
                a_book(),
                balances=(
                    *a_book().balances,
                    Balance(wallet=WalletKind.LINEAR, asset="BNB", free=d(1), locked=d(0)),
                ),
            ),
            "BNB price",
        ),
    ],
)
def test_a_book_that_cannot_be_measured_is_refused(snapshot: Snapshot, part: str) -> None:
    """Missing mark, price, listing or equity: named, never replaced by a number."""
    with pytest.raises(SnapshotUnavailable) as refused:
        figures(snapshot, POLICY)
    assert refused.value.part == part


def test_an_empty_stranger_in_the_futures_wallet_is_no_matter() -> None:
    """Zero of a coin without a price is zero."""
    nothing = Balance(wallet=WalletKind.LINEAR, asset="BNB", free=d(0), locked=d(0))
    snapshot = replace(a_book(), balances=(*a_book().balances, nothing))
    assert figures(snapshot, POLICY) == figures(a_book(), POLICY)


def test_the_last_steps_figures_are_the_verdicts() -> None:
    """One short among equals: the bounds of a step are exact."""
    verdict = judged(sell(PERP, "0.1", 70_000), sell(PERP, "0.2", 70_000))
    assert verdict.approved[-1].after == verdict.after
    assert verdict.before == figures(a_book(), POLICY)


def test_between_steps_a_rally_is_never_overstated() -> None:
    """Ten shorts that pass many tiers on the way: the step says at least, the verdict says exactly."""
    assets = [f"A{n}" for n in range(10)]
    snapshot = a_snapshot(
        spot={**dict.fromkeys(assets, 1_000), "USDT": 10**6},
        price=dict.fromkeys(assets, 100),
        futures_usdt=2_000_000,
        shorts=tuple(a_short(asset, 400 + n, entry=100) for n, asset in enumerate(assets)),
    )
    policy = a_policy(assets=dict.fromkeys(assets, "0.1"), limits=wide_limits(max_hedge_ratio=d(1)))
    verdict = judged(sell("A0/USDT:USDT", 1, 100), snapshot=snapshot, policy=policy)
    step, after = verdict.approved[0].after.survives_rally, verdict.after.survives_rally
    assert step is not None
    assert after is not None
    assert 0 < step < after


def test_the_nearest_liquidation_names_its_contract_and_its_price() -> None:
    """Short 1 BTC from 70,000 with 100,000 behind it: the distance and the price say the same."""
    found = figures(a_book(), POLICY)
    assert found.liquidation is not None
    assert found.liquidation_distance is not None
    assert found.liquidation.symbol == "BTC/USDT:USDT"
    assert found.liquidation.price == 70_000 * (1 + found.liquidation_distance)
