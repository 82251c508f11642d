"""What the simulated venue refuses, and with which word."""

from collections.abc import Mapping
from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderRequest, OrderType, Side, TransferRequest
from bot.domain.snapshot import Quote
from bot.errors import OrderRejected
from bot.simulator.account import Account, reducible
from bot.simulator.margin import purse_of, standing
from bot.simulator.market import Scene
from bot.simulator.position import to_unit

# How far from the middle a price may lie, as a fraction of it.
PRICE_BAND = Decimal("0.1")


def check_order(account: Account, scene: Scene, request: OrderRequest) -> Instrument:
    """Return the instrument of an order the venue would accept; raise OrderRejected with the code when it would not.

    Codes: unknown-symbol, off-grid, below-minimum, price-missing, market-with-price, price-out-of-band,
    post-only-would-cross, stop-would-trigger, reduce-only, insufficient-balance, insufficient-margin.
    """
    instrument = scene.instruments.get(request.symbol)
    if instrument is None or request.symbol not in scene.quotes:
        raise OrderRejected(f"{request.symbol} is not listed", code="unknown-symbol")
    quote = scene.quotes[request.symbol]
    _check_grid(instrument, request)
    _check_size(instrument, request, quote)
    _check_price(request, quote)
    if request.reduce_only and not reducible(account, request.symbol, request.side):
        raise OrderRejected(f"no {request.symbol} position that a {request.side} reduces", code="reduce-only")
    if instrument.kind.is_spot:
        _check_coins(account, scene, instrument, request)
    else:
        _check_margin(account, scene, instrument, request)
    return instrument


def _check_grid(instrument: Instrument, request: OrderRequest) -> None:
    quantity = request.quantity
    if not quantity.is_finite() or quantity <= 0 or quantity % instrument.step:
        raise OrderRejected(f"quantity {quantity} is not whole steps of {instrument.step}", code="off-grid")
    for price in (request.price, request.trigger):
        if price is not None and (not price.is_finite() or price <= 0 or price % instrument.tick):
            raise OrderRejected(f"price {price} is not whole ticks of {instrument.tick}", code="off-grid")


def _check_size(instrument: Instrument, request: OrderRequest, quote: Quote) -> None:
    price = request.trigger or request.price or quote.mid
    value = abs(instrument.notional(request.quantity, price))
    if request.quantity < instrument.min_quantity:
        smallest = f"{instrument.min_quantity} {instrument.base}"
        raise OrderRejected(f"quantity {request.quantity} is below {smallest}", code="below-minimum")
    if value < instrument.min_notional and not request.reduce_only:
        smallest = f"{instrument.min_notional} {instrument.quote}"
        raise OrderRejected(f"an order of {value} is below {smallest}", code="below-minimum")


def _check_price(request: OrderRequest, quote: Quote) -> None:
    if request.trigger is not None:
        _check_trigger(request.trigger, request, quote)
        return
    is_market = request.type is OrderType.MARKET
    if is_market and request.price is not None:
        raise OrderRejected(f"a market order carries the price {request.price}", code="market-with-price")
    if is_market:
        return
    if request.price is None:
        raise OrderRejected(f"a {request.type} order needs a price", code="price-missing")
    if abs(request.price - quote.mid) > quote.mid * PRICE_BAND:
        raise OrderRejected(
            f"price {request.price} is more than {PRICE_BAND} from {quote.mid}", code="price-out-of-band"
        )
    crosses = request.price >= quote.ask if request.side is Side.BUY else request.price <= quote.bid
    if request.type is OrderType.POST_ONLY and crosses:
        raise OrderRejected(
            f"post-only {request.side} at {request.price} meets {quote.bid}/{quote.ask}", code="post-only-would-cross"
        )


def _check_trigger(trigger: Decimal, request: OrderRequest, quote: Quote) -> None:
    """Refuse a stop the mark has passed already: it would fire at once."""
    if (trigger - quote.valuation) * request.side.sign <= 0:
        raise OrderRejected(
            f"a {request.side} stop at {trigger} is passed by the mark {quote.valuation}", code="stop-would-trigger"
        )


def _check_coins(account: Account, scene: Scene, instrument: Instrument, request: OrderRequest) -> None:
    needed, asset = spot_cost(instrument, request.side, request.quantity, _worst_price(scene, request))
    free = spot_free(account, scene.instruments, asset)
    if needed > free:
        raise OrderRejected(f"needs {needed} {asset}, free are {free}", code="insufficient-balance")


def _check_margin(account: Account, scene: Scene, instrument: Instrument, request: OrderRequest) -> None:
    opened = _opened(account, request)
    if not opened:
        return
    notional = instrument.settlement_notional(opened, _worst_price(scene, request))
    needed = notional / account.setting(request.symbol).leverage + notional * instrument.taker_fee
    free = standing(account, scene.instruments, scene.marks(), purse_of(instrument)).free
    if needed > free:
        raise OrderRejected(
            f"needs {needed} {instrument.settle} of margin, free are {free}", code="insufficient-margin"
        )


def _worst_price(scene: Scene, request: OrderRequest) -> Decimal:
    """Return the limit price, for a market order the best price it meets."""
    quote = scene.quotes[request.symbol]
    return request.price or (quote.ask if request.side is Side.BUY else quote.bid)


def _opened(account: Account, request: OrderRequest) -> Decimal:
    """Return the part of an order that opens or enlarges a position, in contracts."""
    if request.reduce_only:
        return ZERO
    return max(request.quantity - reducible(account, request.symbol, request.side), ZERO)


def spot_cost(instrument: Instrument, side: Side, quantity: Decimal, price: Decimal) -> tuple[Decimal, str]:
    """Return what a spot order gives away and in which asset: quote currency for a buy, coins for a sell."""
    if side is Side.BUY:
        return quantity * price, instrument.quote
    return quantity, instrument.base


def spot_locked(account: Account, instruments: Mapping[str, Instrument], asset: str) -> Decimal:
    """Return the coins of `asset` that resting spot orders hold."""
    held = ZERO
    for order in account.open_orders.values():
        instrument = instruments[order.symbol]
        if instrument.kind.is_spot:
            amount, kind = spot_cost(instrument, order.side, order.remaining, order.price)
            held += amount if kind == asset else ZERO
    return held


def spot_free(account: Account, instruments: Mapping[str, Instrument], asset: str) -> Decimal:
    """Return the coins of `asset` in the spot wallet that no resting order holds."""
    return account.balance(WalletKind.SPOT, asset) - spot_locked(account, instruments, asset)


def check_transfer(account: Account, scene: Scene, request: TransferRequest) -> None:
    """Raise OrderRejected when the venue would not move the money.

    Codes: below-minimum, off-grid, unknown-wallet, insufficient-balance, insufficient-margin.
    """
    amount, asset = request.amount, request.asset
    if not amount.is_finite() or amount <= 0:
        raise OrderRejected(f"a transfer of {amount} {asset} moves nothing", code="below-minimum")
    if amount != to_unit(amount):
        raise OrderRejected(f"{amount} {asset} has more than 12 decimals", code="off-grid")
    margined = {purse_of(i) for i in scene.instruments.values() if not i.kind.is_spot}
    for wallet in (request.source, request.target):
        if wallet is not WalletKind.SPOT and (wallet, asset) not in margined:
            raise OrderRejected(f"the {wallet} wallet holds no {asset}", code="unknown-wallet")
    if request.source is request.target:
        raise OrderRejected(f"a transfer from {request.source} to itself", code="unknown-wallet")
    free = removable(account, scene, request.source, asset)
    if amount > free:
        code = "insufficient-balance" if request.source is WalletKind.SPOT else "insufficient-margin"
        raise OrderRejected(f"{amount} {asset} is more than the {free} free in {request.source}", code=code)


def removable(account: Account, scene: Scene, wallet: WalletKind, asset: str) -> Decimal:
    """Return the coins of `asset` that may leave `wallet` now."""
    if wallet is WalletKind.SPOT:
        return spot_free(account, scene.instruments, asset)
    return standing(account, scene.instruments, scene.marks(), (wallet, asset)).movable
