"""What Binance lets an account set: leverage, margin type, position mode; and how it says that nothing changed."""

from decimal import Decimal

from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.asked_order import needed
from tests.emulator.binance.listing import widest_leverage
from tests.emulator.binance.names import Product, instrument_of, listed, product_of, venue_id
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core

DONE = {"code": 200, "msg": "success"}
_MODES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}


def set_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST fapi|dapi/v1/leverage; the same leverage again is no error."""
    params, product = {**ask.params, **ask.form}, product_of(ask)
    one, wanted = instrument_of(core, product, params), needed(params, "leverage")
    if not wanted.isdigit() or not 1 <= int(wanted) <= widest_leverage(one):
        raise refused(-4028, f"Leverage {wanted} is not valid")
    try:
        core.set_leverage(one.symbol, Decimal(wanted))
    except OrderRejected as error:
        raise refused(-2028, "Leverage is smaller than permitted: insufficient margin balance.") from error
    limit = {"maxQty": "1000"} if product is Product.INVERSE else {"maxNotionalValue": "1000000"}
    return Reply(body={"symbol": venue_id(one), "leverage": int(wanted), **limit})


def set_margin_type(ask: Ask, core: Core) -> Reply:
    """Answer POST fapi|dapi/v1/marginType: -4046 when it is so already, -4047 and -4048 while anything is open."""
    params = {**ask.params, **ask.form}
    one, wanted = instrument_of(core, product_of(ask), params), needed(params, "marginType")
    if wanted not in _MODES:
        raise refused(-4044, "Balance Type Invalid.")
    if core.margin_mode(one.symbol) is _MODES[wanted]:
        raise refused(-4046, "No need to change margin type.")
    if core.open_orders(one.symbol):
        raise refused(-4047, "Margin type cannot be changed if there exists open orders.")
    if one.symbol in core.positions():
        raise refused(-4048, "Margin type cannot be changed if there exists position.")
    core.set_margin_mode(one.symbol, _MODES[wanted])
    return Reply(body=DONE)


def position_mode(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/positionSide/dual."""
    return Reply(body={"dualSidePosition": core.hedge_mode})


def set_position_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST fapi|dapi/v1/positionSide/dual: -4059 when it is so, -4067 or -4068 while something is open."""
    wanted = needed({**ask.params, **ask.form}, "dualSidePosition").lower() == "true"
    if wanted == core.hedge_mode:
        raise refused(-4059, "No need to change position side.")
    symbols = [one.symbol for one in listed(core, product_of(ask))]
    if any(core.open_orders(symbol) for symbol in symbols):
        raise refused(-4067, "Position side cannot be changed if there exists open orders.")
    if any(symbol in core.positions() for symbol in symbols):
        raise refused(-4068, "Position side cannot be changed if there exists position.")
    core.set_hedge_mode(wanted)
    return Reply(body=DONE)


def multi_assets_mode(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v1/multiAssetsMargin: each asset margins only its own contracts."""
    return Reply(body={"multiAssetsMargin": False})


def fee_burn(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v1/feeBurn: fees are not paid in BNB."""
    return Reply(body={"feeBurn": False})


def spot_burn(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/bnbBurn."""
    return Reply(body={"spotBNBBurn": False, "interestBNBBurn": False})
