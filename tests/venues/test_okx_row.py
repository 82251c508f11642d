"""OKX shows that a venue is data: its row is whole, says that it is not proved, and keeps demo and live apart."""

import pytest
from yarl import URL

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.errors import RequestForbidden
from bot.simulator.clock import WallClock
from bot.venues.connect import Login, connect
from bot.venues.guard import check_request, code_of
from bot.venues.rows import row_of
from bot.venues.trace import traced
from tests.emulator.wire import EmulatorSession

ROW = row_of("okx")
ORDER = "https://www.okx.com/api/v5/trade/order"
SIGNED = {"OK-ACCESS-KEY": "k", "OK-ACCESS-SIGN": "s"}
DEMO = {"x-simulated-trading": "1"}


def test_every_part_of_the_row_is_there() -> None:
    """Two products of one purse, three orders, codes for each verdict, a ledger, and an id that fits the venue."""
    assert ROW.proved.startswith("not proved")
    assert set(ROW.access) == {Mode.DRY_RUN, Mode.DEMO, Mode.LIVE}
    for wallet in (WalletKind.SPOT, WalletKind.LINEAR):
        product = ROW.products[wallet]
        assert set(product.spellings) == {OrderType.LIMIT_IOC, OrderType.POST_ONLY, OrderType.MARKET}
        assert product.balance.total
        assert product.market_reads
        assert product.resting
    codes = ROW.codes
    for words in (codes.fine, codes.rejected, codes.duplicate, codes.absent, codes.slow_down, codes.clock):
        assert words
    assert not codes.rejected & (codes.duplicate | codes.absent | codes.slow_down | codes.clock | codes.fine)
    assert ROW.ledger[WalletKind.LINEAR]
    assert ROW.has_passphrase


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.DEMO, Mode.LIVE])
async def test_ccxt_goes_where_the_row_says(mode: Mode) -> None:
    """One host, and the header that means demo in demo alone: `connect` proves it before anything is sent."""
    wire = EmulatorSession(URL("http://127.0.0.1:9"))
    connection = connect(ROW, mode, Login(key="k", secret="s", passphrase="p"), WallClock(), wire)
    (client,) = connection.all_clients()
    assert (client.headers.get("x-simulated-trading") == "1") is (mode is Mode.DEMO)
    assert connection.access.hosts == {"www.okx.com"}
    await connection.close()
    assert wire.hosts == []


@pytest.mark.parametrize(("mode", "headers"), [(Mode.DEMO, SIGNED), (Mode.LIVE, SIGNED | DEMO), (Mode.DRY_RUN, SIGNED)])
def test_an_order_without_the_modes_own_header_never_leaves(mode: Mode, headers: dict[str, str]) -> None:
    """Demo without the header would be real money; live with it play money; dry-run sends no order at all."""
    with traced(may_write=True), pytest.raises(RequestForbidden):
        check_request(ROW.access[mode], ROW.auth_marks, "POST", ORDER, headers)


@pytest.mark.parametrize(("mode", "headers"), [(Mode.DEMO, SIGNED | DEMO), (Mode.LIVE, SIGNED)])
def test_an_order_with_them_may_leave(mode: Mode, headers: dict[str, str]) -> None:
    """The same request, as the mode wants it."""
    with traced(may_write=True) as trace:
        check_request(ROW.access[mode], ROW.auth_marks, "POST", ORDER, headers)
    assert trace.writes == 1


def test_the_code_of_an_order_is_its_own_and_not_that_of_the_batch() -> None:
    """Code 1 says that something failed; the order's sCode says what."""
    answer = {"code": "1", "msg": "All operations failed", "data": [{"ordId": "", "sCode": "51008", "sMsg": "low"}]}
    assert code_of(answer, ROW.codes) == "51008"
    assert code_of({"code": "50011", "data": []}, ROW.codes) == "50011"
