"""What Binance lists: the three exchangeInfo answers, the leverage brackets and the fees."""

from decimal import Decimal

from bot.domain.instrument import Instrument, Kind
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.names import Product, chosen, instrument_of, listed, pair_of, plain, product_of, venue_id
from tests.emulator.core import Core

NEVER_MS = 4_133_404_800_000  # the delivery date of a perpetual: 25 December 2100
QUARTER_MS = 100 * 24 * 3_600_000
PRICES = ("0.00000001", "100000000")
LARGEST = "1000000000"
LARGEST_MARKET = "100000"
WIDEST_LEVERAGE = 125


def server_time(ask: Ask, core: Core) -> Reply:
    """Answer GET …/time."""
    return Reply(body={"serverTime": core.now_ms()})


def exchange_info(ask: Ask, core: Core) -> Reply:
    """Answer GET …/exchangeInfo of any of the three products."""
    product = product_of(ask)
    row = {Product.SPOT: _spot_row, Product.LINEAR: _linear_row, Product.INVERSE: _inverse_row}[product]
    body = {
        "timezone": "UTC",
        "serverTime": core.now_ms(),
        "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}],
        "exchangeFilters": [],
        "symbols": [row(core, one) for one in listed(core, product)],
    }
    if product is Product.LINEAR:
        margined = sorted({one.settle for one in listed(core, product)})
        body["assets"] = [{"asset": one, "marginAvailable": True, "autoAssetExchange": 0} for one in margined]
    return Reply(body=body)


def _places(step: Decimal) -> int:
    return max(-step.normalize().as_tuple().exponent, 0)  # type: ignore[operator]


def _grid(one: Instrument) -> list[dict[str, object]]:
    step, smallest = plain(one.step), plain(one.min_quantity)
    return [
        {"filterType": "PRICE_FILTER", "minPrice": PRICES[0], "maxPrice": PRICES[1], "tickSize": plain(one.tick)},
        {"filterType": "LOT_SIZE", "minQty": smallest, "maxQty": LARGEST, "stepSize": step},
    ]


def _spot_row(core: Core, one: Instrument) -> dict[str, object]:
    smallest = {
        "filterType": "NOTIONAL",
        "minNotional": plain(one.min_notional),
        "applyMinToMarket": True,
        "maxNotional": "9000000.00000000",
        "applyMaxToMarket": False,
        "avgPriceMins": 5,
    }
    market_lot = {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "9000", "stepSize": "0.00000000"}
    return {
        "symbol": venue_id(one),
        "status": "TRADING",
        "baseAsset": one.base,
        "baseAssetPrecision": 8,
        "quoteAsset": one.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": [*_grid(one), market_lot, smallest],
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def contract_type(core: Core, one: Instrument) -> str:
    """Return PERPETUAL, or the quarter a dated future belongs to."""
    if one.expiry is None:
        return "PERPETUAL"
    left_ms = int(one.expiry.timestamp() * 1000) - core.now_ms()
    return "CURRENT_QUARTER" if left_ms < QUARTER_MS else "NEXT_QUARTER"


def _contract_row(core: Core, one: Instrument) -> dict[str, object]:
    step = plain(one.step)
    lots = {"filterType": "MARKET_LOT_SIZE", "minQty": step, "maxQty": LARGEST_MARKET, "stepSize": step}
    listed_ms = 0 if one.listed_at is None else int(one.listed_at.timestamp() * 1000)
    return {
        "symbol": venue_id(one),
        "pair": pair_of(one),
        "contractType": contract_type(core, one),
        "deliveryDate": NEVER_MS if one.expiry is None else int(one.expiry.timestamp() * 1000),
        "onboardDate": listed_ms,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": one.base,
        "quoteAsset": one.quote,
        "marginAsset": one.settle,
        "pricePrecision": _places(one.tick),
        "quantityPrecision": _places(one.step),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["Layer-1"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.010000",
        "marketTakeBound": "0.05",
        "filters": [
            *_grid(one),
            lots,
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.1", "multiplierDown": "0.9", "multiplierDecimal": 4},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _linear_row(core: Core, one: Instrument) -> dict[str, object]:
    row = _contract_row(core, one)
    filters = row["filters"]
    assert isinstance(filters, list)
    filters.append({"filterType": "MIN_NOTIONAL", "notional": plain(one.min_notional)})
    return {**row, "status": "TRADING", "settlePlan": 0}


def _inverse_row(core: Core, one: Instrument) -> dict[str, object]:
    row = _contract_row(core, one)
    return {**row, "contractStatus": "TRADING", "contractSize": int(one.contract_size), "equalQtyPrecision": 4}


def leverage_brackets(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi/v1 and dapi/v2 leverageBracket: a list, one brackets row per symbol asked for."""
    product = product_of(ask)
    rows = [_brackets(product, one) for one in chosen(core, product, ask.params)]
    return Reply(body=rows)


def _brackets(product: Product, one: Instrument) -> dict[str, object]:
    floors = [tier.floor for tier in one.tiers]
    caps = [*floors[1:], floors[-1] * 10 + 1_000_000]
    floor_name, cap_name = ("qtyFloor", "qtyCap") if product is Product.INVERSE else ("notionalFloor", "notionalCap")
    rows = []
    for number, (tier, cap) in enumerate(zip(one.tiers, caps, strict=True), start=1):
        widest = max(min(int(1 / (2 * tier.rate)), WIDEST_LEVERAGE), 1)
        rows.append(
            {
                "bracket": number,
                "initialLeverage": widest,
                cap_name: float(cap),
                floor_name: float(tier.floor),
                "maintMarginRatio": float(tier.rate),
                "cum": float(tier.deduction),
            }
        )
    return {"symbol": venue_id(one), "notionalCoef": 1.0, "brackets": rows}


def widest_leverage(one: Instrument) -> int:
    """Return the largest leverage the first bracket allows."""
    return max(min(int(1 / (2 * one.tiers[0].rate)), WIDEST_LEVERAGE), 1)


def commission_rate(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/commissionRate of one symbol."""
    one = instrument_of(core, product_of(ask), ask.params)
    return Reply(
        body={
            "symbol": venue_id(one),
            "makerCommissionRate": plain(one.maker_fee),
            "takerCommissionRate": plain(one.taker_fee),
        }
    )


def trade_fees(ask: Ask, core: Core) -> Reply:
    """Answer GET sapi/v1/asset/tradeFee: the spot fees of one symbol or of all."""
    wanted = chosen(core, Product.SPOT, ask.params)
    return Reply(
        body=[
            {
                "symbol": venue_id(one),
                "makerCommission": plain(one.maker_fee),
                "takerCommission": plain(one.taker_fee),
            }
            for one in wanted
            if one.kind is Kind.SPOT
        ]
    )
