"""What WEEX lists: rules of spot markets and contracts, fees, the time."""

from bot.domain.instrument import Instrument
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.weex.names import CONTRACT_VALUE, found, is_contract, listed, venue_id
from tests.emulator.weex.words import places, plain

Row = dict[str, object]


def ping(_ask: Ask, _core: Core) -> Reply:
    """Answer GET api/v3/ping."""
    return Reply(body={})


def coins(_ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/coins."""
    names = sorted({name for one in core.instruments.values() for name in (one.base, one.quote)})
    return Reply(body=[_coin(name) for name in names])


def _coin(name: str) -> Row:
    network = {
        "network": "ERC20",
        "coin": name,
        "withdrawIntegerMultiple": 1e-8,
        "isDefault": True,
        "depositEnable": True,
        "withdrawEnable": True,
        "depositDesc": None,
        "withdrawDesc": None,
        "name": "ERC20",
        "withdrawFee": "1",
        "withdrawMin": "10",
        "withdrawInternalMin": None,
        "depositDust": "0.1",
        "minConfirm": 12,
        "withdrawTag": False,
        "contractAddressUrl": "https://etherscan.io/token/",
        "contractAddress": "0x55d39832789f99059ff7545246999027b3197955",
    }
    flags = {"depositAllEnable": True, "withdrawAllEnable": True}
    return {"coin": name, "name": name, **flags, "networkList": [network]}


def server_time(_ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/time and capi/v3/market/time."""
    return Reply(body={"serverTime": core.now_ms()})


def exchange_info(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/exchangeInfo and capi/v3/market/exchangeInfo."""
    contracts = is_contract(ask)
    rows = [_contract(one) if contracts else _spot(one) for one in listed(core, contracts=contracts)]
    assets = sorted({one.base for one in listed(core, contracts=contracts)} | {"USDT"})
    if contracts:
        return Reply(body={"assets": [{"asset": name, "marginAvailable": True} for name in assets], "symbols": rows})
    return Reply(body={"timezone": "UTC", "serverTime": core.now_ms(), "rateLimits": [], "symbols": rows})


def _spot(one: Instrument) -> Row:
    return {
        "symbol": venue_id(one),
        "status": "TRADING",
        "baseAsset": one.base,
        "baseAssetPrecision": "8",
        "quoteAsset": one.quote,
        "quoteAssetPrecision": "8",
        "tickSize": plain(one.tick),
        "stepSize": plain(one.step),
        "minTradeAmount": plain(one.min_quantity),
        "maxTradeAmount": "99999",
        "takerFeeRate": plain(one.taker_fee),
        "makerFeeRate": plain(one.maker_fee),
        "buyLimitPriceRatio": "0.1",
        "sellLimitPriceRatio": "0.1",
        "marketBuyLimitSize": "99999",
        "marketSellLimitSize": "99999",
        "marketFallbackPriceRatio": "0",
        "enableTrade": True,
        "enableDisplay": True,
        "displayDigitMerge": "0.01,0.1,1",
        "displayNew": False,
        "displayHot": False,
    }


def _contract(one: Instrument) -> Row:
    return {
        "symbol": venue_id(one),
        "baseAsset": one.base,
        "quoteAsset": one.quote,
        "marginAsset": one.settle,
        "pricePrecision": str(places(one.tick)),
        "quantityPrecision": str(places(one.step)),
        "baseAssetPrecision": "8",
        "quotePrecision": "8",
        "contractVal": plain(CONTRACT_VALUE),
        "delivery": ["00:00:00", "08:00:00", "16:00:00"],
        "forwardContractFlag": True,
        "minLeverage": "1",
        "maxLeverage": "400",
        "buyLimitPriceRatio": "0.1",
        "sellLimitPriceRatio": "0.1",
        "makerFeeRate": plain(one.maker_fee),
        "takerFeeRate": plain(one.taker_fee),
        "minOrderSize": plain(one.min_quantity),
        "maxOrderSize": "1000000",
        "maxPositionSize": "5000000",
        "marketOpenLimitSize": "2300",
    }


def commission_rate(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/account/commissionRate."""
    one = found(ask, core, ask.params.get("symbol", ""))
    return Reply(
        body={
            "symbol": venue_id(one),
            "makerCommissionRate": plain(one.maker_fee),
            "takerCommissionRate": plain(one.taker_fee),
        }
    )
