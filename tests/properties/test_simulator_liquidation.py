"""Laws of liquidation, against the closed formula of QUANT 4.1 tried tier by tier."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode, Position
from bot.simulator.account import Account
from bot.simulator.margin import liquidate, maintenance
from tests.builders import LADDER, NOON, a_perpetual, a_short, an_inverse_perpetual, d
from tests.unit.simulator.scripted import COIN, PERP

PURSE = (WalletKind.LINEAR, "USDT")
COINS = (WalletKind.INVERSE, "BTC")
MARKETS = {PERP: a_perpetual(), COIN: an_inverse_perpetual()}
RATE = Decimal("0.005")  # the only tier of the coin-margined contract


def liquidation_price(coins: Decimal, entry: Decimal, balance: Decimal) -> Decimal | None:
    """LP = (WB + cum − side·q·EP) / (q·(MMR − side)) for a short, in the tier its notional falls into."""
    ends = [tier.floor for tier in LADDER[1:]] + [Decimal("Infinity")]
    for tier, end in zip(LADDER, ends, strict=True):
        price = (balance + tier.deduction + coins * entry) / (coins * (tier.rate + 1))
        if tier.floor <= coins * price < end:
            return price
    return None


def short(coins: Decimal, entry: Decimal, balance: Decimal) -> Account:
    """A wallet with one short."""
    return Account(balances={PURSE: balance}, positions={PERP: a_short("BTC", coins, entry=entry)})


numbers = st.tuples(
    st.decimals("0.01", 500, places=2), st.decimals(1_000, 90_000, places=1), st.decimals(100, 10_000_000, places=2)
)


@given(numbers)
def test_a_short_lives_below_its_liquidation_price_and_dies_above(given_numbers: tuple[Decimal, ...]) -> None:
    """A millionth to either side decides."""
    coins, entry, balance = given_numbers
    price = liquidation_price(coins, entry, balance)
    assume(price is not None and price > entry)
    assert price is not None
    for mark, lives in ((price * d("0.999999"), True), (price * d("1.000001"), False)):
        after, _ = liquidate(short(coins, entry, balance), MARKETS, {PERP: mark}, NOON)
        assert bool(after.positions) is lives


@given(numbers, st.decimals(1, 1_000_000, places=2))
def test_no_wallet_ends_below_zero_and_the_books_close(given_numbers: tuple[Decimal, ...], mark: Decimal) -> None:
    """Whatever the gap: zero or more is left, and the entries say how."""
    coins, entry, balance = given_numbers
    after, entries = liquidate(short(coins, entry, balance), MARKETS, {PERP: mark}, NOON)
    assert after.balance(*PURSE) >= 0
    assert after.balance(*PURSE) == balance + sum((e.change for e in entries), Decimal(0))


@given(st.decimals(1, 2_000_000_000, places=2))
def test_maintenance_has_no_jump(notional: Decimal) -> None:
    """A cent of notional more costs at most half a cent of maintenance."""
    step = Decimal("0.01")
    rise = maintenance(a_perpetual(), d(1), notional + step) - maintenance(a_perpetual(), d(1), notional)
    assert 0 < rise <= step / 2


def in_coins(contracts: int, entry: Decimal, balance: Decimal) -> Account:
    """A coin-margined wallet with contracts of 100 USD, above zero long."""
    held = Position(symbol=COIN, quantity=d(contracts), entry_price=entry, margin_mode=MarginMode.CROSS, leverage=d(2))
    return Account(balances={COINS: balance}, positions={COIN: held})


def survives(account: Account, mark: Decimal) -> bool:
    """Whether a coin-margined position stands at a mark."""
    return bool(liquidate(account, MARKETS, {COIN: mark}, NOON)[0].positions)


coin_numbers = st.tuples(
    st.integers(1, 5_000), st.decimals(1_000, 90_000, places=1), st.decimals("0.000001", 50, places=6)
)


@given(coin_numbers)
def test_a_coin_margined_short_dies_above_its_price_unless_its_coins_back_it_whole(
    given_numbers: tuple[int, Decimal, Decimal],
) -> None:
    """B + N/P − N/E = m·N/P at P = (1 − m)·N ÷ (N/E − B); no such P where the coins are worth N."""
    contracts, entry, balance = given_numbers
    notional = d(100) * contracts
    account = in_coins(-contracts, entry, balance)
    missing = notional / entry - balance
    if missing <= 0:
        assert all(survives(account, entry * times) for times in (d("0.001"), d(1), d(1_000), d(1_000_000)))
        return
    price = (1 - RATE) * notional / missing
    assert survives(account, price * d("0.999999"))
    assert not survives(account, price * d("1.000001"))


@given(coin_numbers)
def test_a_coin_margined_long_dies_below_its_price(given_numbers: tuple[int, Decimal, Decimal]) -> None:
    """B + N/E − N/P = m·N/P at P = (1 + m)·N ÷ (B + N/E)."""
    contracts, entry, balance = given_numbers
    notional = d(100) * contracts
    price = (1 + RATE) * notional / (balance + notional / entry)
    account = in_coins(contracts, entry, balance)
    assert survives(account, price * d("1.000001"))
    assert not survives(account, price * d("0.999999"))


@given(coin_numbers, st.booleans(), st.decimals(100, 1_000_000, places=1))
def test_no_coin_wallet_ends_below_zero_and_its_books_close(
    given_numbers: tuple[int, Decimal, Decimal], is_long: bool, mark: Decimal
) -> None:
    """Whatever the gap, and in coins alone."""
    contracts, entry, balance = given_numbers
    account = in_coins(contracts if is_long else -contracts, entry, balance)
    after, entries = liquidate(account, MARKETS, {COIN: mark}, NOON)
    assert after.balance(*COINS) >= 0
    assert after.balance(*COINS) == balance + sum((one.change for one in entries), Decimal(0))
    assert {(one.wallet, one.asset) for one in entries} <= {COINS}
