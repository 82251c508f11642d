"""The books close, whatever happened: the lines sum to the change of equity, and only what is amiss is unexplained."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.attribution import unexplained
from bot.attribution.tally import in_units
from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Crossing
from bot.domain.record import Source
from bot.domain.snapshot import MarginMode, Position
from tests.builders import d
from tests.unit.attribution.diary import COIN, PERP, SPOT, Diary, a_claim, a_part, amount_of, an_account, prices

SPOTS = st.integers(1_000, 99_999)
SLEEVES = st.sampled_from(["core", "hedge", "tactical", "carry"])
COINS = st.integers(-5_000, 5_000).filter(bool).map(lambda n: d(n) / 1000)
PARTS = st.lists(st.tuples(SLEEVES, COINS), max_size=3)
CHANCES = st.integers(1, 10).map(lambda n: d(n) / 10)


@st.composite
def marks(draw: st.DrawFn) -> dict[str, Any]:
    """A spot price, and both contracts within five per cent of it."""
    spot = draw(SPOTS)
    gaps = st.integers(-500, 500).map(lambda n: d(spot) * (1 + d(n) / 10_000))
    return prices(spot, draw(gaps), draw(gaps), USDC=draw(st.sampled_from(["0.99", "1", "1.01"])))


@st.composite
def positions(draw: st.DrawFn) -> tuple[Position, ...]:
    """A linear and a coin-margined position, either way round or absent."""
    found = []
    for symbol, size in ((PERP, COINS), (COIN, st.integers(-900, 900).filter(bool).map(d))):
        if draw(st.booleans()):
            entry = d(draw(SPOTS))
            quantity = draw(size)
            found.append(
                Position(
                    symbol=symbol,
                    quantity=quantity,
                    entry_price=entry,
                    margin_mode=MarginMode.CROSS,
                    leverage=d(2),
                )
            )
    return tuple(found)


@st.composite
def claims(draw: st.DrawFn) -> tuple[Any, ...]:
    """Claims of both sleeves on any of the three, whether or not so much is there."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(["carry", "tactical"]), st.sampled_from([SPOT, PERP, COIN]), COINS, SPOTS),
            max_size=4,
        )
    )
    return tuple(a_claim(sleeve, symbol, size, entry) for sleeve, symbol, size, entry in rows)


def trade(diary: Diary, draw: st.DrawFn) -> None:
    """Fill a part, or the whole, of an order of some sleeves, or of a stranger's."""
    symbol = draw(st.sampled_from([SPOT, PERP, COIN]))
    whole = [(sleeve, d(int(n * 1000)) if symbol == COIN else n) for sleeve, n in draw(PARTS)]
    parts = tuple(a_part(sleeve, size) for sleeve, size in whole)
    total = sum((part.quantity for part in parts), ZERO)
    if not total:
        parts, total = (), draw(COINS) if symbol != COIN else d(draw(st.integers(1, 500)))
    quantity = total if symbol == COIN else total * draw(CHANCES)
    diary.trade(symbol, quantity, draw(SPOTS), parts=parts, early=draw(st.booleans()), ours=draw(st.booleans()))


def deposit(diary: Diary, draw: st.DrawFn) -> None:
    """Money or coins in or out."""
    diary.flow(draw(st.sampled_from(["USDT", "BTC"])), draw(COINS))
    diary.flow("USDC", abs(draw(COINS)))


def fund(diary: Diary, draw: st.DrawFn) -> None:
    """Settle funding on what is held."""
    diary.fund(draw(st.sampled_from([PERP, COIN])), d(draw(st.integers(-9, 9))) / 10_000, draw(SPOTS))


def earn(diary: Diary, draw: st.DrawFn) -> None:
    """Interest in money or coins."""
    diary.line(EntryKind.INTEREST, draw(st.sampled_from(["USDT", "BTC"])), draw(COINS))


def move(diary: Diary, draw: st.DrawFn) -> None:
    """Money between wallets."""
    amount = draw(COINS)
    diary.line(EntryKind.TRANSFER, "BTC", -amount)
    diary.line(EntryKind.TRANSFER, "BTC", amount, WalletKind.INVERSE)


@st.composite
def diaries(draw: st.DrawFn) -> Diary:
    """Any book, and any day of it."""
    money, coins = st.integers(10**8, 10**8 + 10**6), st.integers(500, 600)  # enough for whatever comes
    account = an_account(draw(money), draw(coins), draw(money), draw(coins), draw(positions()))
    crossed = draw(PARTS)
    parts = tuple(a_part(sleeve, size) for sleeve, size in crossed) + tuple(a_part("hedge", -n) for _, n in crossed)
    crossings = (Crossing(symbol=draw(st.sampled_from([SPOT, PERP, COIN])), price=d(draw(SPOTS)), parts=parts),)
    diary = Diary(account, draw(marks()), draw(marks()), draw(marks()), claims=draw(claims()), crossings=crossings)
    for happen in draw(st.lists(st.sampled_from([trade, deposit, fund, earn, move]), max_size=6)):
        happen(diary, draw)
    return diary


@given(diaries())
def test_the_lines_sum_to_the_change_of_equity_and_nothing_is_unexplained(diary: Diary) -> None:
    """Exactly, in units of 1e-12: prices, basis, funding, fees, slippage, interest and flows say it all."""
    total = sum((line.amount for line in diary.lines), ZERO)
    assert total == in_units(diary.interval.equity) - in_units(diary.left.performance.equity)
    assert unexplained(diary.lines) == 0


@given(diaries(), st.integers(1, 10**9))
def test_what_is_lost_is_unexplained_and_nothing_else_moves(diary: Diary, millionths: int) -> None:
    """To within the rounding that is accepted."""
    whole = diary.told
    diary.lost = Decimal(millionths) / 1_000_000
    told = diary.told
    assert abs(told.pop("reserve unexplained") + diary.lost) < d("1e-6")
    assert {name: amount for name, amount in told.items() if abs(amount - whole.get(name, ZERO)) > d("1e-6")} == {}


@given(diaries(), st.integers(-(10**6), 10**6).filter(bool))
def test_a_deposit_is_a_flow_and_no_profit(diary: Diary, amount: int) -> None:
    """I21: every other line stays as it was, to the accepted rounding."""
    before = diary.lines
    diary.flow("USDT", amount)
    after = diary.lines
    assert abs(amount_of(after, Source.FLOWS) - amount_of(before, Source.FLOWS) - amount) < d("1e-6")
    for source in set(Source) - {Source.FLOWS}:
        assert abs(amount_of(after, source) - amount_of(before, source)) < d("1e-6")


@given(diaries())
def test_claims_move_profit_between_sleeves_and_make_none(diary: Diary) -> None:
    """By source, a book with claims earns what the same book earns without."""
    with_claims = diary.lines
    bare = Diary(diary.account, diary.then, diary.decided, diary.now)
    bare.left = type(diary.left)(
        **{name: getattr(diary.left, name) for name in diary.left.__slots__ if name != "sleeves"}
    )
    bare.entries, bare.fills, bare.crossings = diary.entries, diary.fills, diary.crossings
    for source in Source:
        assert abs(amount_of(with_claims, source) - amount_of(bare.lines, source)) < d("1e-6")
    assert {line.sleeve for line in with_claims} <= set(Sleeve)
