"""The book measured: true delta, equity, and what cannot be valued."""

from dataclasses import replace
from itertools import permutations

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Sleeve
from bot.domain.snapshot import Balance, MarginMode, Position
from bot.errors import SnapshotUnavailable
from bot.policy.exposure import measure_exposure
from tests.builders import a_claim, a_perpetual, a_policy, a_quote, a_short, a_snapshot, a_spot, an_inverse_perpetual, d


def test_ten_bitcoin_with_five_sold_short_have_a_delta_of_five() -> None:
    """The article's half hedge, one rally later: 10 spot, 5 short from 70,000, price 80,000."""
    snapshot = a_snapshot(
        spot={"BTC": 10, "USDT": 1000}, price={"BTC": 80_000, "ETH": 3500}, futures_usdt=200_000,
        shorts=(a_short("BTC", 5, entry=70_000),),
    )  # fmt: skip
    exposure = measure_exposure(snapshot, a_policy())
    assert exposure.assets["BTC"].delta_coins == 5
    assert exposure.futures_equity == 150_000
    assert exposure.equity == 800_000 + 1000 + 150_000
    assert exposure.gross_notional == 400_000


@pytest.mark.parametrize("price", [35_000, 60_000, 70_000, 80_000, 140_000])
def test_the_delta_of_a_coin_margined_hedge_does_not_move_with_price(price: int) -> None:
    """QUANT 2.4's trap: 3,500 contracts of 100 USD from 70,000 against 10 coins leave 5.000 at every price."""
    contract = an_inverse_perpetual()
    snapshot = a_snapshot(spot={"BTC": 6, "USDT": 1000}, price={"BTC": price, "ETH": 3500})
    snapshot = replace(
        snapshot,
        balances=(*snapshot.balances, Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(4), locked=d(0))),
        instruments={**snapshot.instruments, contract.symbol: contract},
        quotes={**snapshot.quotes, contract.symbol: a_quote(contract.symbol, price)},
        positions={
            contract.symbol: Position(
                symbol=contract.symbol,
                quantity=d(-3500),
                entry_price=d(70_000),
                margin_mode=MarginMode.CROSS,
                leverage=d(2),
            )
        },
    )
    delta = measure_exposure(snapshot, a_policy()).assets["BTC"].delta_coins
    assert abs(delta - 5) < d("1e-20")


def test_coins_held_elsewhere_count_in_equity_but_not_in_the_account() -> None:
    """One bitcoin in a safe: 70,000 more equity, the same account."""
    policy = a_policy(rules={"held_elsewhere": {"BTC": d(1)}})
    snapshot = a_snapshot(spot={"USDT": 1000}, price={"BTC": 70_000, "ETH": 3500})
    exposure = measure_exposure(snapshot, policy)
    assert (exposure.equity, exposure.account_equity) == (71_000, 1000)
    assert exposure.core_share == d(70_000) / d(71_000)


def test_a_coin_without_a_price_is_named_and_counts_as_nothing() -> None:
    """An airdrop nobody trades must not become equity."""
    snapshot = a_snapshot(spot={"USDT": 1000, "AIRDROP": 10**9, "GONE": 0}, price={"BTC": 70_000, "ETH": 3500})
    exposure = measure_exposure(snapshot, a_policy())
    assert (exposure.unpriced, exposure.equity) == (("AIRDROP",), 1000)


def test_a_core_asset_without_a_price_is_no_snapshot_at_all() -> None:
    """Unknown is no: the part that is missing is named."""
    snapshot = a_snapshot(spot={"USDT": 1000}, price={"BTC": 70_000})
    with pytest.raises(SnapshotUnavailable, match="ETH has no price in USDT") as refused:
        measure_exposure(snapshot, a_policy())
    assert refused.value.part == "ETH/USDT quote"


def test_a_held_contract_without_mark_or_listing_is_refused() -> None:
    """A position that cannot be valued could hide any loss."""
    snapshot = a_snapshot(
        spot={"USDT": 1000}, price={"BTC": 70_000, "ETH": 3500}, shorts=(a_short("BTC", 1, entry=70_000),)
    )
    quotes = {**snapshot.quotes, "BTC/USDT:USDT": a_quote("BTC/USDT:USDT", 70_000, mark=None)}
    with pytest.raises(SnapshotUnavailable, match="no mark price"):
        measure_exposure(replace(snapshot, quotes=quotes), a_policy())
    instruments = {"BTC/USDT": a_spot("BTC"), "ETH/USDT": a_spot("ETH"), "ETH/USDT:USDT": a_perpetual("ETH")}
    with pytest.raises(SnapshotUnavailable, match="lists no such contract"):
        measure_exposure(replace(snapshot, instruments=instruments), a_policy())


def test_an_empty_account_is_refused() -> None:
    """No equity, no shares of it."""
    with pytest.raises(SnapshotUnavailable, match="nothing to balance"):
        measure_exposure(a_snapshot(price={"BTC": 70_000, "ETH": 3500}), a_policy())


def test_the_order_in_which_positions_are_listed_changes_no_digit() -> None:
    """Three coin-margined contracts whose profits have no end in decimals: sums depend on their order."""
    contracts = [replace(an_inverse_perpetual(), symbol=f"BTC/USD:BTC-2603{day}") for day in (10, 20, 30)]
    held = [
        Position(
            symbol=one.symbol, quantity=d(-quantity), entry_price=d(entry), margin_mode=MarginMode.CROSS, leverage=d(2)
        )
        for one, quantity, entry in zip(contracts, (7, 1300, 17), (30_011, 70_001, 90_007), strict=True)
    ]  # fmt: skip
    snapshot = a_snapshot(spot={"USDT": 1000}, price={"BTC": 77_777, "ETH": 3500}, futures_usdt=100_000)
    snapshot = replace(
        snapshot,
        instruments={**snapshot.instruments, **{one.symbol: one for one in contracts}},
        quotes={**snapshot.quotes, **{one.symbol: a_quote(one.symbol, 77_777) for one in contracts}},
    )
    found = {
        measure_exposure(replace(snapshot, positions={p.symbol: p for p in order}), a_policy())
        .assets["BTC"]
        .contract_coins
        for order in permutations(held)
    }
    assert len(found) == 1


def test_what_carry_and_tactical_claim_is_neither_core_nor_hedge() -> None:
    """10 coins of which carry holds 2; 7 contracts short of which carry holds 2 and tactical is long 1: hedge 6."""
    snapshot = a_snapshot(
        spot={"BTC": 10, "USDT": 1000}, futures_usdt=200_000, shorts=(a_short("BTC", 7, entry=70_000),),
        price={"BTC": 70_000, "ETH": 3500},
    )  # fmt: skip
    claims = (
        a_claim(Sleeve.CARRY, "BTC/USDT", 2, rule="BTC/USDT:USDT"),
        a_claim(Sleeve.CARRY, "BTC/USDT:USDT", -2, rule="BTC/USDT:USDT"),
        a_claim(Sleeve.TACTICAL, "BTC/USDT:USDT", 1, rule="trend"),
        a_claim(Sleeve.CARRY, "BTC/USDT:USDT-250101", -9, rule="delivered long ago"),
    )
    exposure = measure_exposure(snapshot, a_policy(), claims)
    coin = exposure.assets["BTC"]
    assert (coin.core_coins, coin.short_coins) == (8, 6)
    assert (coin.carry_coins, coin.carry_contracts, coin.tactical_contracts) == (2, -2, 1)
    assert coin.delta_coins == 10 - 7
    assert exposure.core_value == 8 * 70_000
    assert exposure.equity == measure_exposure(snapshot, a_policy()).equity


def test_carry_cannot_claim_more_coins_than_are_held() -> None:
    """Somebody sold half of the coins by hand: one is left, and it is carry's."""
    snapshot = a_snapshot(spot={"BTC": 1, "USDT": 1000}, price={"BTC": 70_000, "ETH": 3500})
    coin = measure_exposure(snapshot, a_policy(), (a_claim(Sleeve.CARRY, "BTC/USDT", 2),)).assets["BTC"]
    assert (coin.core_coins, coin.carry_coins) == (0, 1)
