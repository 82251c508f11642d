"""WEEX's wallets, positions and settings: balances without open profit, legs, one setting for a symbol."""

from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import MarginMode, Position
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.weex.names import FIRST_ID, chosen, found, is_sim, listed, venue_id
from tests.emulator.weex.words import plain, refused, told

Row = dict[str, object]
MODES = {"CROSSED": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}
MOST_LEVERAGE = 400


def spot_account(_ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/account/: free and locked coins; `canWithdraw` is the account's, not the key's."""
    rows = [
        {"asset": one.asset, "free": told(one.free), "locked": told(one.locked)}
        for one in core.balances(WalletKind.SPOT)
    ]
    return Reply(
        body={
            "makerCommission": 10,
            "takerCommission": 10,
            "commissionRates": {"maker": "0.0010", "taker": "0.0010"},
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": core.now_ms(),
            "accountType": "SPOT",
            "permissions": ["SPOT"],
            "balances": rows,
            "uid": 1_002_003_004,
        }
    )


def contract_balance(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/balance and capi/v3/sim/balance: what was put in and won, without open profit."""
    rows = []
    for one in core.balances(WalletKind.LINEAR):
        open_ones = [listed_one for listed_one in listed(core, contracts=True) if listed_one.settle == one.asset]
        profit = sum((core.unrealised(contract.symbol) for contract in open_ones), Decimal(0))
        rows.append(
            {
                "asset": f"S{one.asset}" if is_sim(ask) else one.asset,
                "balance": told(one.total),
                "availableBalance": told(one.free),
                "frozen": told(one.locked),
                "unrealizePnl": told(profit),
            }
        )
    return Reply(body=rows)


def positions(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/position/allPosition (and its demo twin) and singlePosition."""
    held = core.positions()
    rows = [_position(ask, core, one, held[one.symbol]) for one in chosen(ask, core) if one.symbol in held]
    return Reply(body=rows)


def _position(ask: Ask, core: Core, one: Instrument, position: Position) -> Row:
    size = abs(position.quantity)
    value = size * position.entry_price
    isolated = position.isolated_margin or Decimal(0)
    return {
        "id": FIRST_ID,
        "asset": one.settle,
        "symbol": venue_id(one, sim=is_sim(ask)),
        "side": "LONG" if position.quantity > 0 else "SHORT",
        "marginType": "CROSSED" if position.margin_mode is MarginMode.CROSS else "ISOLATED",
        "separatedMode": "COMBINED",
        "separatedOpenOrderId": 0,
        "leverage": plain(position.leverage),
        "size": plain(size),
        "openValue": plain(value),
        "openFee": "0",
        "fundingFee": "0",
        "marginSize": told(isolated or value / position.leverage),
        "isolatedMargin": told(isolated),
        "isAutoAppendIsolatedMargin": False,
        "cumOpenSize": plain(size),
        "cumOpenValue": plain(value),
        "cumOpenFee": "0",
        "cumCloseSize": "0",
        "cumCloseValue": "0",
        "cumCloseFee": "0",
        "cumFundingFee": "0",
        "cumLiquidateFee": "0",
        "createdMatchSequenceId": 1,
        "updatedMatchSequenceId": 1,
        "createdTime": core.now_ms(),
        "updatedTime": core.now_ms(),
        "unrealizePnl": told(core.unrealised(one.symbol)),
        "liquidatePrice": "0",
    }


def account_config(_ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/accountConfig."""
    return Reply(
        body={
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": core.hedge_mode,
            "updateTime": core.now_ms(),
        }
    )


def symbol_config(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/symbolConfig: margin mode, legs together or apart, leverage of each kind."""
    return Reply(body=[_config(core, one) for one in chosen(ask, core)])


def _config(core: Core, one: Instrument) -> Row:
    leverage = plain(core.leverage(one.symbol))
    return {
        "symbol": venue_id(one),
        "marginType": "CROSSED" if core.margin_mode(one.symbol) is MarginMode.CROSS else "ISOLATED",
        "separatedType": "SEPARATED" if core.hedge_mode else "COMBINED",
        "crossLeverage": leverage,
        "isolatedLongLeverage": leverage,
        "isolatedShortLeverage": leverage,
    }


def set_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/account/leverage."""
    sent = ask.json or {}
    one = found(ask, core, str(sent.get("symbol", "")))
    given = [sent[name] for name in ("crossLeverage", "isolatedLongLeverage", "isolatedShortLeverage") if name in sent]
    if not given or not 1 <= Decimal(str(given[0])) <= MOST_LEVERAGE:
        raise refused(-3313, "Leverage exceeds maximum limit.")
    core.set_leverage(one.symbol, Decimal(str(given[0])))
    row = _config(core, one)
    return Reply(body={name: row[name] for name in row if name != "separatedType"})


def set_margin_type(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/account/marginType: margin mode, and legs together or apart where it is said."""
    sent = ask.json or {}
    one = found(ask, core, str(sent.get("symbol", "")))
    mode = MODES.get(str(sent.get("marginType", "")))
    if mode is None:
        raise refused(-1142, "Parameter marginType is invalid.")
    if core.positions().get(one.symbol) or core.open_orders(one.symbol):
        raise refused(-1142, "FAILED_PRECONDITION: there are open positions or orders")
    core.set_margin_mode(one.symbol, mode)
    if "separatedType" in sent:
        core.set_hedge_mode(sent["separatedType"] == "SEPARATED")
    return Reply(body={"code": "200", "msg": "success", "requestTime": core.now_ms()})
