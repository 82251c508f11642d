"""What Bybit lists: instruments by category, risk limits, fees, and its clock."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.names import Category, category_of, chosen, contract_type, listed, venue_id
from tests.emulator.bybit.words import answered, listed_answer, ms, plain, refused
from tests.emulator.core import Core

WIDEST_LEVERAGE = 100
LARGEST = "100000000"
LARGEST_MARKET = "10000000"
TIERS_A_PAGE = 15  # symbols in one page of risk limits
FUNDING_MINUTES = 480


def server_time(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/time."""
    now = core.now_ms()
    return answered(core, {"timeSecond": str(now // 1000), "timeNano": f"{now}000000"})


def instruments_info(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/instruments-info; nothing is ever about to be listed (status PreLaunch)."""
    category = category_of(core, ask.params)
    wanted = () if ask.params.get("status") == "PreLaunch" else chosen(core, ask.params)
    if category is Category.SPOT:
        return answered(core, {"category": category, "list": [_spot_row(one) for one in wanted]})
    return listed_answer(core, category, [_contract_row(core, one) for one in wanted])


def _spot_row(one: Instrument) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "baseCoin": one.base,
        "quoteCoin": one.quote,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": plain(one.step),
            "quotePrecision": "0.00000001",
            "minOrderQty": plain(one.min_quantity),
            "maxOrderQty": LARGEST,
            "minOrderAmt": plain(one.min_notional),
            "maxOrderAmt": LARGEST,
            "maxLimitOrderQty": LARGEST,
            "maxMarketOrderQty": LARGEST_MARKET,
        },
        "priceFilter": {"tickSize": plain(one.tick)},
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
    }


def funding_minutes(core: Core, one: Instrument) -> int:
    """Return the minutes between two fundings of a perpetual; the usual eight hours where it has none."""
    rate = core.funding().get(one.symbol)
    return FUNDING_MINUTES if rate is None else int(rate.interval_hours * 60)


def _contract_row(core: Core, one: Instrument) -> dict[str, object]:
    """Return a contract's row. An inverse one has no smallest value, and its quantity is in USD."""
    lots = {
        "maxOrderQty": LARGEST,
        "maxMktOrderQty": LARGEST_MARKET,
        "minOrderQty": plain(one.min_quantity),
        "qtyStep": plain(one.step),
        "postOnlyMaxOrderQty": LARGEST,
    }
    if not one.kind.is_inverse:
        lots["minNotionalValue"] = plain(one.min_notional)
    return {
        "symbol": venue_id(one),
        "contractType": contract_type(one.kind),
        "status": "Trading",
        "baseCoin": one.base,
        "quoteCoin": one.quote,
        "launchTime": "0" if one.listed_at is None else str(ms(one.listed_at)),
        "deliveryTime": "0" if one.expiry is None else str(ms(one.expiry)),
        "deliveryFeeRate": "" if one.expiry is None else "0.0005",
        "priceScale": str(max(-int(one.tick.normalize().as_tuple().exponent), 0)),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": f"{widest_leverage(one)}.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": plain(one.tick), "maxPrice": "1999999.80", "tickSize": plain(one.tick)},
        "lotSizeFilter": lots,
        "unifiedMarginTrade": True,
        "fundingInterval": 0 if one.expiry is not None else funding_minutes(core, one),
        "settleCoin": one.settle,
        "copyTrading": "none",
        "upperFundingRate": "0.00375",
        "lowerFundingRate": "-0.00375",
        "isPreListing": False,
        "preListingInfo": None,
    }


def widest_leverage(one: Instrument) -> int:
    """Return the largest leverage of the first tier: half its maintenance rate is left as room."""
    return max(min(int(1 / (2 * one.tiers[0].rate)), WIDEST_LEVERAGE), 1)


def risk_limits(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/risk-limit: fifteen symbols a page, the cursor empty on the last."""
    category = category_of(core, ask.params)
    if category is Category.SPOT:
        raise refused(core, 10001, "params error: Category is invalid")
    wanted = sorted(chosen(core, ask.params), key=venue_id)
    start = int(ask.params.get("cursor") or "0")
    page = wanted[start : start + TIERS_A_PAGE]
    rows = [row for one in page for row in _tier_rows(one)]
    cursor = str(start + TIERS_A_PAGE) if start + TIERS_A_PAGE < len(wanted) else ""
    return listed_answer(core, category, rows, cursor)


def _tier_rows(one: Instrument) -> list[dict[str, object]]:
    """Return one row a tier: its upper limit in the settlement coin, rates as fractions, the deduction beside."""
    floors = [tier.floor for tier in one.tiers]
    caps = [*floors[1:], floors[-1] * 10 + 1_000_000]
    rows: list[dict[str, object]] = []
    for number, (tier, cap) in enumerate(zip(one.tiers, caps, strict=True), start=1):
        leverage = max(min(int(1 / (2 * tier.rate)), WIDEST_LEVERAGE), 1)
        rows.append(
            {
                "id": number,
                "symbol": venue_id(one),
                "riskLimitValue": plain(cap),
                "maintenanceMargin": plain(tier.rate),
                "initialMargin": plain((1 / Decimal(leverage)).quantize(Decimal("0.0001"))),
                "isLowestRisk": 1 if number == 1 else 0,
                "maxLeverage": f"{leverage}.00",
                "mmDeduction": plain(tier.deduction) if tier.deduction else "",
            }
        )
    return rows


def fee_rates(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/account/fee-rate: the account's own rates, of one symbol or of a category."""
    wanted = chosen(core, ask.params) if ask.params.get("symbol") else listed(core, category_of(core, ask.params))
    rows = [
        {
            "symbol": venue_id(one),
            "takerFeeRate": plain(one.taker_fee),
            "makerFeeRate": plain(one.maker_fee),
        }
        for one in wanted
    ]
    return answered(core, {"list": rows})
