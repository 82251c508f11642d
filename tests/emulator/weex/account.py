"""WEEX's wallets, positions and settings: balances without open profit, legs, one setting for a symbol."""

from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.weex.legs import LONG, Leg, legs_of
from tests.emulator.weex.memory import memory_of
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
    """Answer GET capi/v3/account/balance and capi/v3/sim/balance: what was put in and won, without open profit.

    `frozen` is what resting orders hold; the margin of positions is only missing from what is available.
    """
    rows = []
    for one in core.balances(WalletKind.LINEAR):
        contracts = [contract for contract in listed(core, contracts=True) if contract.settle == one.asset]
        profit = sum((core.unrealised(contract.symbol) for contract in contracts), Decimal(0))
        margin = sum((_margin(core, contract) for contract in contracts), Decimal(0))
        rows.append(
            {
                "asset": f"S{one.asset}" if is_sim(ask) else one.asset,
                "balance": told(one.total),
                "availableBalance": told(one.free),
                "frozen": told(max(one.locked - margin - max(-profit, Decimal(0)), Decimal(0))),
                "unrealizePnl": told(profit),
            }
        )
    return Reply(body=rows)


def _margin(core: Core, one: Instrument) -> Decimal:
    """Return the margin a contract's position holds at its entry; an isolated one holds what it was given."""
    held = core.positions().get(one.symbol)
    if held is None:
        return Decimal(0)
    return held.isolated_margin or abs(held.quantity) * held.entry_price / held.leverage


def positions(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/position/allPosition (and its demo twin) and singlePosition."""
    rows = [
        _position(ask, core, one, leg, first=place == 0)
        for one in chosen(ask, core)
        for place, leg in enumerate(legs_of(core, one.symbol))
    ]
    return Reply(body=rows)


def _position(ask: Ask, core: Core, one: Instrument, leg: Leg, *, first: bool) -> Row:
    """Return a leg's row; `first` is the one the netted profit is told with."""
    position, size, value = core.positions().get(one.symbol), leg.size, leg.size * leg.entry
    mode = core.margin_mode(one.symbol) if position is None else position.margin_mode
    leverage = core.leverage(one.symbol) if position is None else position.leverage
    isolated = (position.isolated_margin if position is not None and first else None) or Decimal(0)
    return {
        "id": FIRST_ID + list(core.instruments).index(one.symbol) * 2 + (leg.side == LONG),
        "asset": one.settle,
        "symbol": venue_id(one, sim=is_sim(ask)),
        "side": leg.side,
        "marginType": "CROSSED" if mode is MarginMode.CROSS else "ISOLATED",
        "separatedMode": _separated(core, one),
        "separatedOpenOrderId": 0,
        "leverage": plain(leverage),
        "size": plain(size),
        "openValue": plain(value),
        "openFee": "0",
        "fundingFee": "0",
        "marginSize": told(isolated or value / leverage),
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
        "unrealizePnl": told(core.unrealised(one.symbol)) if first else "0",
        "liquidatePrice": "0",
    }


def account_config(_ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/accountConfig: long and short always stand side by side here."""
    return Reply(
        body={
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": True,
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
        "separatedType": _separated(core, one),
        "crossLeverage": leverage,
        "isolatedLongLeverage": leverage,
        "isolatedShortLeverage": leverage,
    }


def _separated(core: Core, one: Instrument) -> str:
    return "SEPARATED" if one.symbol in memory_of(core).apart else "COMBINED"


def set_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/account/leverage."""
    sent = ask.json or {}
    one = found(ask, core, str(sent.get("symbol", "")))
    given = [sent[name] for name in ("crossLeverage", "isolatedLongLeverage", "isolatedShortLeverage") if name in sent]
    if not given or not 1 <= Decimal(str(given[0])) <= MOST_LEVERAGE:
        raise refused(-3313, "Leverage exceeds maximum limit.")
    try:
        core.set_leverage(one.symbol, Decimal(str(given[0])))
    except OrderRejected as error:
        raise refused(-1054, "FAILED_PRECONDITION: available amount not enough") from error
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
        apart = memory_of(core).apart
        (apart.add if sent["separatedType"] == "SEPARATED" else apart.discard)(one.symbol)
    return Reply(body={"code": "200", "msg": "success", "requestTime": core.now_ms()})
