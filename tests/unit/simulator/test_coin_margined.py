"""Coin-margined contracts live in coins: profit, fee, funding, margin and the end of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderType, TransferRequest
from bot.domain.snapshot import MarginMode, Position
from bot.errors import OrderRejected
from bot.simulator.account import Account
from bot.simulator.venue import SimulatedVenue
from tests.builders import NOON, Number, an_inverse_perpetual, d
from tests.unit.simulator.scripted import COIN, ScriptedMarket, a_venue, an_order

SPOT, INVERSE, LINEAR = WalletKind.SPOT, WalletKind.INVERSE, WalletKind.LINEAR
LISTED = (an_inverse_perpetual(),)
HOUR = timedelta(hours=1)


def coins_in(inverse: Number, *, spot: Number = 0, contracts: Number = 0) -> Account:
    """Coins in the coin-margined and the spot wallet; contracts of 100 USD entered at 70,000, above zero long."""
    position = Position(
        symbol=COIN, quantity=d(contracts), entry_price=d(70_000), margin_mode=MarginMode.CROSS, leverage=d(2)
    ) if d(contracts) else None  # fmt: skip
    return Account(
        balances={(INVERSE, "BTC"): d(inverse), (SPOT, "BTC"): d(spot), (SPOT, "USDT"): d(1_000)},
        positions={COIN: position} if position else {},
    )


async def coins(venue: SimulatedVenue, wallet: WalletKind = INVERSE) -> Decimal:
    """Bitcoin in a wallet."""
    shown = await venue.snapshot()
    return next(one.total for one in shown.balances if (one.wallet, one.asset) == (wallet, "BTC"))


async def test_a_short_earns_coins_when_the_price_falls() -> None:
    """700 × 100 USD sold at 70,000 (1 coin), bought at 56,000 (1.25 coins): +0.25, less 2 bp of 1 and of 1.25."""
    market = ScriptedMarket(steps=((60, {COIN: 70_000}), (120, {COIN: 56_000}), (180, {COIN: 56_000})), more=LISTED)
    venue, clock = a_venue(coins_in(1), market)
    await venue.place("h1", an_order(COIN, "sell", 700, 70_000, type=OrderType.POST_ONLY))
    await clock.sleep_until(NOON + 2 * HOUR)
    assert (await venue.snapshot()).positions[COIN].quantity == d(-700)
    await venue.place("h2", an_order(COIN, "buy", 700, 56_000, type=OrderType.POST_ONLY, reduce_only=True))
    await clock.sleep_until(NOON + 3 * HOUR)
    assert await coins(venue) == d(1) - d("0.0002") + d("0.25") - d("0.00025")
    assert [(one.kind, one.asset) for one in await venue.ledger(-1)] == [
        (EntryKind.FEE, "BTC"),
        (EntryKind.REALISED, "BTC"),
        (EntryKind.FEE, "BTC"),
    ]


@pytest.mark.parametrize(("contracts", "received"), [(-700, "0.0001"), (700, "-0.0001")])
async def test_funding_is_paid_in_coins(contracts: int, received: str) -> None:
    """1 bp of 70,000 USD at a mark of 70,000 is 1 bp of a coin; the short receives it."""
    market = ScriptedMarket(paid=((60, "0.0001"),), more=LISTED, funded=COIN)
    venue, clock = a_venue(coins_in(1, contracts=contracts), market)
    await clock.sleep_until(NOON + HOUR)
    assert await coins(venue) == d(1) + d(received)


@pytest.mark.parametrize(
    ("contracts", "backing", "lives", "dies"),
    [(-700, "0.2", 87_062, 87_063), (700, "0.25", 56_281, 56_279)],
    ids=["short", "long"],
)
async def test_the_margin_runs_out_in_coins(contracts: int, backing: str, lives: int, dies: int) -> None:
    """Equity meets 0.5 % of the notional at 70,000 × 0.995 ÷ 0.8 = 87,062.5, at 70,000 × 1.005 ÷ 1.25 = 56,280."""
    for price, held in ((lives, True), (dies, False)):
        market = ScriptedMarket(steps=((5, {COIN: price}),), more=LISTED)
        venue, clock = a_venue(coins_in(backing, contracts=contracts), market)
        await clock.sleep_until(NOON + HOUR)
        assert (COIN in (await venue.snapshot()).positions) is held


async def test_a_liquidation_takes_coins_and_no_more_than_there_are() -> None:
    """A leap to 100,000: 0.3 of a coin lost of 0.2, the rest covered; the coins elsewhere stay."""
    market = ScriptedMarket(steps=((5, {COIN: 100_000}),), more=LISTED)
    venue, clock = a_venue(coins_in("0.2", spot=3, contracts=-700), market)
    await clock.sleep_until(NOON + HOUR)
    assert [(one.kind, one.asset, one.change) for one in await venue.ledger(-1)] == [
        (EntryKind.REALISED, "BTC", d("-0.3")),
        (EntryKind.LIQUIDATION, "BTC", d("0.1")),
    ]
    assert (await coins(venue), await coins(venue, SPOT)) == (ZERO, d(3))


async def test_coins_move_to_the_wallet_and_back() -> None:
    """0.4 of a coin there, 0.1 back: nothing is lost on the way."""
    venue, _ = a_venue(coins_in(0, spot=1), ScriptedMarket(more=LISTED))
    await venue.transfer("x1", TransferRequest(asset="BTC", amount=d("0.4"), source=SPOT, target=INVERSE))
    await venue.transfer("x2", TransferRequest(asset="BTC", amount=d("0.1"), source=INVERSE, target=SPOT))
    assert (await coins(venue, SPOT), await coins(venue)) == (d("0.7"), d("0.3"))
    assert sum((one.change for one in await venue.ledger(-1)), ZERO) == 0


@pytest.mark.parametrize(
    ("code", "asset", "amount", "source", "target"),
    [
        ("unknown-wallet", "USDT", 1, SPOT, INVERSE),
        ("unknown-wallet", "BTC", "0.1", INVERSE, LINEAR),
        ("insufficient-margin", "BTC", "0.50001", INVERSE, SPOT),
        ("insufficient-balance", "BTC", "2.1", SPOT, INVERSE),
    ],
)
async def test_coins_that_back_a_short_stay(
    code: str, asset: str, amount: Number, source: WalletKind, target: WalletKind
) -> None:
    """700 contracts at 2x hold half a coin of the one; USDT has no place there, coins none beside USDT."""
    venue, _ = a_venue(coins_in(1, spot=2, contracts=-700), ScriptedMarket(more=LISTED))
    with pytest.raises(OrderRejected) as refused:
        await venue.transfer("x1", TransferRequest(asset=asset, amount=d(amount), source=source, target=target))
    assert refused.value.code == code
    await venue.transfer("x2", TransferRequest(asset="BTC", amount=d("0.5"), source=INVERSE, target=SPOT))


async def test_a_short_needs_coins_and_no_dollars() -> None:
    """0.3 of a coin carry 0.9 at 3x less the fee: 628 contracts open, 630 do not, whatever USDT there is."""
    rich = replace(coins_in("0.3"), balances={(INVERSE, "BTC"): d("0.3"), (LINEAR, "USDT"): d(1_000_000)})
    venue, _ = a_venue(rich, ScriptedMarket(more=LISTED))
    with pytest.raises(OrderRejected) as refused:
        await venue.place("h1", an_order(COIN, "sell", 630))
    assert refused.value.code == "insufficient-margin"
    assert (await venue.place("h2", an_order(COIN, "sell", 628))).filled == 628


async def test_a_wallet_is_shown_before_anything_is_in_it() -> None:
    """Zero coins in it, as of the linear one zero USDT."""
    venue, _ = a_venue(Account(balances={}), ScriptedMarket(more=LISTED))
    assert (INVERSE, "BTC", ZERO) in {(o.wallet, o.asset, o.total) for o in (await venue.snapshot()).balances}


async def test_a_stop_closes_a_coin_margined_short() -> None:
    """Stopped at 80,000: 1 − 0.875 lost, and 5 bp of 0.875."""
    market = ScriptedMarket(steps=((5, {COIN: (70_000, 80_100, 75_000)}),), more=LISTED)
    venue, clock = a_venue(coins_in(1, contracts=-700), market)
    order = an_order(COIN, "buy", 700, type=OrderType.STOP, trigger=d(80_000), reduce_only=True)
    await venue.place("s1", order)
    await clock.sleep_until(NOON + HOUR)
    assert await coins(venue) == d(1) - d("0.125") - d("0.0004375")
