"""What a wallet holds is read from the venue's own numbers, and an empty list beside held margin is a lie."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.order import OpenOrder, OrderType, Side
from bot.domain.snapshot import Balance, Position, Wallets
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.balances import DUST, Held, check_margin, held, in_one_purse, read_wallet
from bot.venues.row import BalanceFields
from tests.builders import Number, a_perpetual, a_short, a_spot, d
from tests.unit.venues.desk import connected, reader

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
FIELDS = BalanceFields(
    params={},
    rows="coins",
    asset="coin",
    total=("wallet", "bonus"),
    free=("free",),
    equity="equity",
    maintenance="mm",
    position_margin="im",
    order_margin="om",
    uid="uid",
)
MARKETS = {one.symbol: one for one in (a_spot(), a_perpetual())}


def a_row(coin: str = "usdt", **changes: object) -> dict[str, object]:
    """A hundred of a coin and ten of bonus, eighty of it free."""
    return {"coin": coin, "wallet": "100", "bonus": "10", "free": "80"} | changes


def a_balance(wallet: WalletKind, asset: str, free: Number, locked: Number) -> Balance:
    """Coins in a wallet."""
    return Balance(wallet=wallet, asset=asset, free=d(free), locked=d(locked))


def read(*rows: dict[str, object], fields: BalanceFields = FIELDS) -> Held:
    """What these rows say of the linear wallet."""
    return held({"uid": 77, "coins": list(rows)}, fields, LINEAR, "balances")


def test_the_total_is_the_sum_of_its_terms_and_what_is_not_free_is_locked() -> None:
    """100 and 10 are 110, of which 80 are free."""
    found = read(a_row())
    assert found.balances == (a_balance(LINEAR, "USDT", 80, 30),)
    assert found.uid == "77"


def test_free_is_never_more_than_the_total() -> None:
    """A venue that counts unrealised profit of 40 as free."""
    assert read(a_row(free="150")).balances == (a_balance(LINEAR, "USDT", 110, 0),)


def test_equity_and_margins_are_kept_by_coin_where_they_are_told() -> None:
    """An empty text and a zero are nothing."""
    found = read(a_row(equity="111", mm="2.5", im="20", om=""), a_row("btc", equity="0"))
    assert (found.equity, found.maintenance) == ({"USDT": d(111)}, {"USDT": d("2.5")})
    assert (found.position_margin, found.order_margin) == ({"USDT": d(20)}, {})


def test_a_venue_without_those_fields_tells_none_of_them() -> None:
    """Neither equity nor the account's number."""
    bare = BalanceFields(params={}, rows="coins", asset="coin", total=("wallet",), free=("free",))
    found = read(a_row(equity="111"), fields=bare)
    assert (found.uid, found.equity, found.maintenance) == ("", {}, {})
    assert found.balances == (a_balance(LINEAR, "USDT", 80, 20),)


def test_coins_are_in_order_and_those_with_nothing_are_left_out() -> None:
    """Ether is listed first and dust of nothing in between."""
    nothing = a_row("xrp", wallet="0", bonus="0", free="0")
    found = read(a_row("eth"), nothing, a_row("btc"))
    assert [one.asset for one in found.balances] == ["BTC", "ETH"]


def test_an_account_that_owes_margin_has_a_negative_balance() -> None:
    """A loss of 5 more than was there: nothing is locked, and −5 are free."""
    assert read(a_row(wallet="-5", bonus="0", free="0")).balances == (a_balance(LINEAR, "USDT", -5, 0),)


@pytest.mark.parametrize("missing", ["wallet", "bonus", "free"])
def test_a_number_that_is_missing_is_refused_by_coin_and_field(missing: str) -> None:
    """Never taken for zero."""
    with pytest.raises(NumberRefused, match=f"USDT (total|free) {missing} is missing"):
        read(a_row() | {missing: None})


def test_a_coin_never_held_may_be_listed_blank_only_where_the_row_says_so() -> None:
    """All numbers empty is blank; one of them empty is not."""
    blank = a_row("xrp", wallet="", bonus="", free="")
    blanks = replace(FIELDS, has_blank_rows=True)
    assert read(blank, a_row(), fields=blanks).balances == (a_balance(LINEAR, "USDT", 80, 30),)
    for row, fields in ((blank, FIELDS), (a_row(free=""), blanks), (a_row("xrp", wallet=None), blanks)):
        with pytest.raises(NumberRefused, match="is missing"):
            read(row, fields=fields)


def test_play_money_and_odd_names_are_called_what_they_stand_for() -> None:
    """XBT is the row's name of bitcoin, VST the mode's name of tether."""
    fields = replace(FIELDS, asset_names={"XBT": "BTC"})
    answer = {"coins": [a_row("xbt"), a_row("vst")]}
    found = held(answer, fields, LINEAR, "balances", {"VST": "USDT"})
    assert [one.asset for one in found.balances] == ["BTC", "USDT"]


async def test_a_wallet_with_a_number_missing_is_no_wallet() -> None:
    """The part is named, so that a person knows what could not be read."""

    class Told:
        async def fetch_balance(self, params: object) -> dict[str, object]:
            return {"info": {"code": 0, "data": [{"asset": "USDT", "balance": None}]}}

    connection = connected(Told(), venue="bingx")
    with pytest.raises(SnapshotUnavailable, match="linear balances: USDT total balance is missing") as refused:
        await read_wallet(connection, LINEAR, reader(connection))
    assert refused.value.part == "linear balances"


# ── margin that is held, and lists that tell of nothing ──


def an_order(symbol: str, side: Side) -> OpenOrder:
    """An order that rests."""
    return OpenOrder(
        client_order_id="a1",
        symbol=symbol,
        side=side,
        remaining=d(1),
        price=d(70_000),
        reduce_only=False,
        type=OrderType.POST_ONLY,
    )


def a_wallet(**margins: dict[str, Decimal]) -> Held:
    """A wallet with those margins."""
    return Held(balances=(), uid="", equity={}, maintenance={}, **margins)


def checked(
    wallet: WalletKind, one: Held, *orders: OpenOrder, positions: tuple[Position, ...] = (), markets: object = None
) -> None:
    """Check one wallet against what the lists tell."""
    known: dict[str, Instrument] = MARKETS if markets is None else {}
    check_margin({wallet: one}, {held.symbol: held for held in positions}, orders, known)


def test_margin_of_a_position_needs_a_position() -> None:
    """Twenty are held: with a short in the list it is well, with none the list lies."""
    twenty = a_wallet(position_margin={"USDT": d(20)})
    checked(LINEAR, twenty, positions=(a_short("BTC", 1, entry=70_000),))
    with pytest.raises(SnapshotUnavailable, match="the linear wallet holds 20 USDT for positions, and lists none"):
        checked(LINEAR, twenty)


def test_a_position_in_a_market_nobody_looks_at_explains_nothing() -> None:
    """Its wallet is not known."""
    twenty = a_wallet(position_margin={"USDT": d(20)})
    with pytest.raises(SnapshotUnavailable):
        checked(LINEAR, twenty, positions=(a_short("XYZ", 1, entry=1),))


def test_what_rounding_leaves_is_no_margin() -> None:
    """A millionth of a coin is not; anything more is."""
    checked(LINEAR, a_wallet(position_margin={"USDT": DUST}))
    with pytest.raises(SnapshotUnavailable):
        checked(LINEAR, a_wallet(position_margin={"USDT": DUST * 2}))


@pytest.mark.parametrize(
    ("wallet", "asset", "symbol", "side"),
    [
        (SPOT, "USDT", "BTC/USDT", Side.BUY),
        (SPOT, "BTC", "BTC/USDT", Side.SELL),
        (LINEAR, "USDT", "BTC/USDT:USDT", Side.SELL),
        (LINEAR, "USDT", "BTC/USDT:USDT", Side.BUY),
    ],
)
def test_an_order_holds_what_it_gives(wallet: WalletKind, asset: str, symbol: str, side: Side) -> None:
    """A spot buy holds money, a spot sell coins, a contract its margin either way."""
    margin = a_wallet(order_margin={asset: d(20)})
    checked(wallet, margin, an_order(symbol, side))
    with pytest.raises(SnapshotUnavailable, match=f"the {wallet} wallet holds 20 {asset} for open orders"):
        checked(wallet, margin)


def test_an_order_that_holds_coins_does_not_explain_money_that_is_held() -> None:
    """A spot sell gives bitcoin; twenty tether are held for another order."""
    with pytest.raises(SnapshotUnavailable):
        checked(SPOT, a_wallet(order_margin={"USDT": d(20)}), an_order("BTC/USDT", Side.SELL))


# ── one purse ──


def test_wallets_that_are_apart_stay_as_they_are() -> None:
    """Nothing is moved in the counting."""
    balances = (a_balance(LINEAR, "BTC", 1, 0),)
    for purses in (Wallets.SEPARATE, Wallets.APART):
        assert in_one_purse(balances, "USDT", purses) == balances


def test_in_one_purse_money_is_margin_and_coins_are_spot() -> None:
    """Each is counted once."""
    told = (a_balance(SPOT, "USDT", 90, 10), a_balance(SPOT, "BTC", 1, 0))
    wanted = (a_balance(LINEAR, "USDT", 90, 10), a_balance(SPOT, "BTC", 1, 0))
    assert in_one_purse(told, "USDT", Wallets.POOLED) == wanted


@pytest.mark.parametrize(("asset", "free", "locked"), [("USDT", -50, 20), ("BTC", -1, 0), ("BTC", -1, 1)])
def test_a_coin_the_account_owes_is_no_holding(asset: str, free: int, locked: int) -> None:
    """A loan is paid back by a person before anything is traded."""
    with pytest.raises(NumberRefused, match="the account owes"):
        in_one_purse((a_balance(LINEAR, asset, free, locked),), "USDT", Wallets.POOLED)


def test_money_that_is_all_held_and_a_little_more_is_not_owed_yet() -> None:
    """−5 free beside 20 locked: fifteen are the account's own."""
    told = (a_balance(LINEAR, "USDT", -5, 20),)
    assert in_one_purse(told, "USDT", Wallets.POOLED) == told
