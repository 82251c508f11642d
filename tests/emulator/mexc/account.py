"""What MEXC tells of the account: two wallets, positions by leg, leverage, position mode, and the key's rights."""

from decimal import ROUND_CEILING, Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import Balance, MarginMode, Position
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.mexc.listing import HIGHEST_LEVERAGE, tier_width
from tests.emulator.mexc.names import bare, contract_of, contracts, plain, venue_id
from tests.emulator.mexc.refusals import contract_refused

ZERO = Decimal(0)
LONG, SHORT = 1, 2
ISOLATED, CROSS = 1, 2
HEDGE, ONE_WAY = 1, 2


def _told(data: object) -> Reply:
    return Reply(body={"success": True, "code": 0, "data": data})


def spot_account(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/account: only assets that are held; there is no account number in it."""
    return Reply(
        body={
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": None,
            "accountType": "SPOT",
            "balances": [
                {"asset": one.asset, "free": plain(one.free), "locked": plain(one.locked)}
                for one in core.balances(WalletKind.SPOT)
                if one.total
            ],
            "permissions": ["SPOT"],
        }
    )


def contract_assets(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/account/assets: linear and inverse money in one list, by currency."""
    held = (*core.balances(WalletKind.LINEAR), *core.balances(WalletKind.INVERSE))
    return _told([_asset_row(core, one) for one in held])


def contract_asset(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/account/asset/{currency}."""
    name = ask.path.rsplit("/", 1)[1]
    for one in (*core.balances(WalletKind.LINEAR), *core.balances(WalletKind.INVERSE)):
        if one.asset == name:
            return _told(_asset_row(core, one))
    raise contract_refused(4001, "Currency is not supported!")


def _asset_row(core: Core, one: Balance) -> dict[str, object]:
    """Return a row whose equity is cash with unrealised profit; what positions and orders hold is told apart."""
    equity = core.wallet_equity(one.wallet, one.asset)
    entered = sum((margin(*pair) for pair in _settled_in(core, one.wallet, one.asset)), ZERO)
    frozen = max(one.locked - entered, ZERO)
    return {
        "currency": one.asset,
        "positionMargin": bare(entered),
        "availableBalance": bare(max(equity - entered - frozen, ZERO)),
        "cashBalance": bare(one.total),
        "frozenBalance": bare(frozen),
        "equity": bare(equity),
        "unrealized": bare(equity - one.total),
        "bonus": 0,
    }


def _settled_in(core: Core, wallet: WalletKind, asset: str) -> list[tuple[Instrument, Position]]:
    held = ((core.instruments[symbol], position) for symbol, position in core.positions().items())
    return [(one, position) for one, position in held if one.wallet is wallet and one.settle == asset]


def margin(one: Instrument, held: Position) -> Decimal:
    """Return the margin a position holds at its entry; an isolated one holds what it was given."""
    if held.isolated_margin is not None:
        return held.isolated_margin
    return one.settlement_notional(held.quantity, held.entry_price) / held.leverage


def position_number(core: Core, symbol: str) -> int:
    """Return the venue's number of a contract's position."""
    return 1_394_650 + list(core.instruments).index(symbol)


def open_positions(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/position/open_positions: a leg is long or short, its contracts always positive."""
    name = ask.params.get("symbol", "")
    rows = [_position_row(core, core.instruments[symbol], held) for symbol, held in core.positions().items()]
    return _told([row for row in rows if name in ("", row["symbol"])])


def _position_row(core: Core, one: Instrument, held: Position) -> dict[str, object]:
    own = margin(one, held)
    return {
        "positionId": position_number(core, one.symbol),
        "symbol": venue_id(one),
        "positionType": LONG if held.quantity > 0 else SHORT,
        "openType": ISOLATED if held.margin_mode is MarginMode.ISOLATED else CROSS,
        "state": 1,
        "holdVol": bare(abs(held.quantity)),
        "frozenVol": 0,
        "closeVol": 0,
        "holdAvgPrice": bare(held.entry_price),
        "openAvgPrice": bare(held.entry_price),
        "closeAvgPrice": 0,
        "liquidatePrice": 0,
        "oim": bare(own),
        "im": bare(own),
        "holdFee": 0,
        "realised": 0,
        "leverage": bare(held.leverage),
        "createTime": core.now_ms(),
        "updateTime": core.now_ms(),
        "autoAddIm": False,
    }


def leverage(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/position/leverage: one row for each leg of a contract."""
    one = contract_of(core, ask.params.get("symbol", ""))
    return _told([_leverage_row(core, one, leg) for leg in (LONG, SHORT)])


def _leverage_row(core: Core, one: Instrument, leg: int) -> dict[str, object]:
    first = one.tiers[0].rate
    return {
        "level": 1,
        "maxVol": bare(tier_width(core, one)),
        "mmr": bare(first),
        "imr": bare(first * 2),
        "positionType": leg,
        "openType": ISOLATED if core.margin_mode(one.symbol) is MarginMode.ISOLATED else CROSS,
        "leverage": bare(core.leverage(one.symbol)),
        "limitBySys": False,
        "currentMmr": bare(first),
    }


def change_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/position/change_leverage, which sets the margin mode with the leverage."""
    sent = _sent(ask)
    one = _named(core, sent)
    wanted = Decimal(str(sent.get("leverage", "0")))
    if not 1 <= wanted <= HIGHEST_LEVERAGE or wanted % 1:
        raise contract_refused(2006, "Leverage ratio error!")
    if "positionId" not in sent and sent.get("positionType") not in (LONG, SHORT):
        raise contract_refused(600, "Param error!")
    if sent.get("openType") in (ISOLATED, CROSS):
        mode = MarginMode.ISOLATED if sent["openType"] == ISOLATED else MarginMode.CROSS
        _change(core, one, mode)
    bring_leverage(core, one, wanted)
    return Reply(body={"success": True, "code": 0})


def _change(core: Core, one: Instrument, mode: MarginMode) -> None:
    if mode is core.margin_mode(one.symbol):
        return
    try:
        core.set_margin_mode(one.symbol, mode)
    except OrderRejected as error:
        raise contract_refused(2022, "Position type error!") from error


def bring_leverage(core: Core, one: Instrument, wanted: Decimal) -> None:
    """Set a contract's leverage; refuse it with 2018 where the margin would not do."""
    try:
        core.set_leverage(one.symbol, wanted)
    except OrderRejected as error:
        raise contract_refused(2018, "Exceeded the maximum available margin!") from error


def _sent(ask: Ask) -> dict[str, object]:
    body = ask.json
    if not isinstance(body, dict):
        raise contract_refused(600, "Param error!")
    return body


def _named(core: Core, sent: dict[str, object]) -> Instrument:
    """Return the contract a request names, by its symbol or by the number of its position."""
    if "positionId" not in sent:
        return contract_of(core, str(sent.get("symbol", "")))
    for symbol in core.positions():
        if position_number(core, symbol) == sent["positionId"]:
            return core.instruments[symbol]
    raise contract_refused(2009, "Position is not exists or closed.")


def position_mode(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/position/position_mode: 1 is hedge, 2 one-way."""
    return _told(HEDGE if core.hedge_mode else ONE_WAY)


def change_position_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/position/change_position_mode: not with orders or positions open.

    That it refuses then is documented, with which code is not: 8835 stands for one nobody knows.
    """
    wanted = _sent(ask).get("positionMode")
    if wanted not in (HEDGE, ONE_WAY):
        raise contract_refused(600, "Param error!")
    resting = [order for order in core.open_orders(None) if not core.instruments[order.request.symbol].kind.is_spot]
    if (wanted == HEDGE) != core.hedge_mode and (resting or core.positions()):
        raise contract_refused(8835, "The position mode cannot be changed with open orders or positions!")
    core.set_hedge_mode(wanted == HEDGE)
    return Reply(body={"success": True, "code": 0})


def risk_limits(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/account/risk_limit: the first level of every contract, for both legs."""
    return _told({venue_id(one): [_limit_row(core, one, leg) for leg in (SHORT, LONG)] for one in contracts(core)})


def _limit_row(core: Core, one: Instrument, leg: int) -> dict[str, object]:
    first = one.tiers[0].rate
    return {
        "level": 1,
        "maxVol": bare(tier_width(core, one).to_integral_value(ROUND_CEILING)),
        "maxLeverage": HIGHEST_LEVERAGE,
        "mmr": bare(first),
        "imr": bare(first * 2),
        "symbol": venue_id(one),
        "positionType": leg,
    }


def key_rights(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/apiKeyInfo: ccxt knows the call, its answer is documented nowhere; refused as unsupported."""
    return Reply(body={"code": 730003, "msg": "Unsupported operation, please contact the customer service"}, status=400)
