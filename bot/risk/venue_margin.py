"""What each venue calls a liquidation price and a margin ratio: their own formulas, to compare with ours.

The gate judges by `margin.py` and `stress.py` alone. These are for reading a venue's figures and for
noticing when it means something else. Signed quantities are negative when short and never zero; side is
their sign. Linear: coins, money in the quote currency. Inverse: `value` is signed contracts in USD,
money in coins. A price is None where no price above zero liquidates.
"""

from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.risk.margin import Tiers, maintenance_margin, margin_ratio


def bybit_linear_price(tiers: Tiers, *, quantity: Decimal, entry: Decimal, margin: Decimal) -> Decimal | None:
    """Return Bybit's liquidation price of an isolated USDT position.

    LP = EP − side × ((IM − MM) + extra) ÷ |q|, MM that of the value at entry; `margin` is IM + extra.
    Bybit help, Liquidation Price (USDT Contract).
    """
    return _on_entry_value(tiers, quantity, entry, margin)


def mexc_linear_price(tiers: Tiers, *, quantity: Decimal, entry: Decimal, margin: Decimal) -> Decimal | None:
    """Return MEXC's liquidation price of an isolated position.

    Long (MM − margin + EP × q) ÷ q, short with the signs turned, MM that of the value at entry.
    MEXC blog, liquidation-in-futures-2: 48,200 for 0.1 BTC at 50,000 and 25x (a copy prints 51,800, which is wrong).
    """
    return _on_entry_value(tiers, quantity, entry, margin)


def _on_entry_value(tiers: Tiers, quantity: Decimal, entry: Decimal, margin: Decimal) -> Decimal | None:
    maintenance = maintenance_margin(tiers, abs(quantity) * entry)
    return _real(entry - (margin - maintenance) / quantity)


def okx_gate_linear_price(
    *, quantity: Decimal, entry: Decimal, margin: Decimal, rate: Decimal, taker: Decimal
) -> Decimal | None:
    """Return OKX's and Gate's liquidation price of an isolated position: the closing fee counts as margin.

    LP = (EP − side × margin ÷ |q|) ÷ (1 − side × (MMR + taker)). QUANT 4.3.
    """
    return _ratio(entry - margin / quantity, ONE - _side(quantity) * (rate + taker))


def phemex_linear_price(
    *,
    quantity: Decimal,
    entry: Decimal,
    leverage: Decimal,
    rate: Decimal,
    taker: Decimal,
    deduction: Decimal = ZERO,
) -> Decimal | None:
    """Return Phemex's liquidation price of an isolated position, `deduction` being its maintenance amount.

    Long (value − balance − amount) ÷ (1 − taker − MMR) ÷ q, short (value + balance + amount) ÷
    (1 + taker + MMR) ÷ q; balance = value ÷ L + the fee at bankruptcy, EP × (1 − side ÷ L).
    phemex.com help, liq-price-for-USDTM.
    """
    side, size = _side(quantity), abs(quantity)
    bankruptcy = entry * (ONE - side / leverage)
    balance = size * (entry / leverage + bankruptcy * taker)
    return _ratio(size * entry - side * (balance + deduction), size * (ONE - side * (taker + rate)))


def mark_form_price(
    *, quantity: Decimal, mark: Decimal, equity: Decimal, maintenance: Decimal, rate: Decimal
) -> Decimal | None:
    """Return the liquidation price as WEEX Pro reckons it, from the mark: Binance's, where the tier stays.

    LP = MP − side × (equity − MM) ÷ (|q| × (1 − side × MMR)); equity counts unrealised profit.
    WEEX 24780414317593; the identity is derived in QUANT 4.1.
    """
    paid = quantity * (ONE - _side(quantity) * rate)
    return _ratio(mark * paid - (equity - maintenance), paid)


def bybit_inverse_price(*, value: Decimal, entry: Decimal, margin: Decimal, rate: Decimal) -> Decimal | None:
    """Return Bybit's liquidation price of an isolated coin-margined position; `margin` is IM + extra in coins.

    LP = Q ÷ (PV + side × (IM − MM)), PV = Q ÷ EP, MM = PV × MMR. Bybit help, Liquidation Price
    Calculation under Isolated Mode.
    """
    coins = value / entry
    return _ratio(value, coins + margin - abs(coins) * rate)


def bybit_legacy_inverse_bankruptcy(
    *, value: Decimal, entry: Decimal, balance: Decimal, taker: Decimal
) -> Decimal | None:
    """Return the price at which a coin-margined position, closed with its fee, leaves nothing of `balance`.

    BP = Q × (1 + side × taker) ÷ (Q ÷ EP + side × balance). help.bybit.com 360039261334.
    """
    return _ratio(value + abs(value) * taker, value / entry + balance)


def bybit_legacy_inverse_price(
    *, value: Decimal, entry: Decimal, balance: Decimal, rate: Decimal, taker: Decimal
) -> Decimal | None:
    """Return Bybit's old liquidation price of a coin-margined position sharing `balance` coins.

    side × Q × (1 ÷ EP − 1 ÷ LP) = −(balance − Q ÷ EP × MMR − Q × taker ÷ BP): margin on the value at
    entry, the closing fee at bankruptcy. help.bybit.com 360039261334, which prints 5,739.50 where its
    own arithmetic gives 5,739.08.
    """
    bankruptcy = bybit_legacy_inverse_bankruptcy(value=value, entry=entry, balance=balance, taker=taker)
    if bankruptcy is None:
        return None
    kept = abs(value) * (rate / entry + taker / bankruptcy)
    return _ratio(value, value / entry + balance - kept)


def margin_level(ratio: Decimal) -> Decimal | None:
    """Return equity over the margin required, as the article, Binance's uniMMR and Phemex count; higher is safer.

    The inverse of our `margin_ratio`; None where no margin is required. QUANT 4.3.
    """
    return ONE / ratio if ratio else None


def ratio_of_level(level: Decimal) -> Decimal:
    """Return our margin ratio for a venue's margin level (equity ÷ required); 1 from a level of 1 downward."""
    return ONE if level <= ONE else ONE / level


def weex_margin_rate(*, equity: Decimal, notional: Decimal) -> Decimal:
    """Return WEEX's margin rate, (margin + unrealised profit) ÷ notional at the mark; higher is safer.

    WEEX support 13467494956185.
    """
    return equity / notional


def ratio_of_weex_rate(margin_rate: Decimal, rate: Decimal) -> Decimal:
    """Return our margin ratio for WEEX's margin rate: MMR ÷ rate, deductions left out; 1 at or below MMR."""
    return margin_ratio(rate, margin_rate)


def bingx_risk(*, maintenance: Decimal, close_fee: Decimal, equity: Decimal) -> Decimal:
    """Return BingX's risk of a perpetual position, (MM + closing fee) ÷ (margin + UPNL); it liquidates at 1.

    At least our margin ratio, since the closing fee counts as margin. QUANT 4.3.
    """
    return margin_ratio(maintenance + close_fee, equity)


def bingx_standard_rate(*, net_value: Decimal, initial_margin: Decimal, adjustment: Decimal) -> Decimal:
    """Return BingX's margin rate of standard futures: net value ÷ initial margin − adjustment; higher is safer.

    BingX support 360045019194.
    """
    return net_value / initial_margin - adjustment


def _side(quantity: Decimal) -> Decimal:
    return ONE if quantity > 0 else -ONE


def _real(price: Decimal) -> Decimal | None:
    return price if price > 0 else None


def _ratio(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """Return a price as a quotient; None where it is not above zero, or nothing divides it."""
    return _real(numerator / denominator) if denominator else None
