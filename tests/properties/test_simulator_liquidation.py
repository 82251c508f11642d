"""Laws of liquidation, against the closed formula of QUANT 4.1 tried tier by tier."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.simulator.account import Account
from bot.simulator.margin import liquidate, maintenance
from tests.builders import LADDER, NOON, a_perpetual, a_short, d
from tests.unit.simulator.scripted import PERP

PURSE = (WalletKind.LINEAR, "USDT")
MARKETS = {PERP: a_perpetual()}


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
