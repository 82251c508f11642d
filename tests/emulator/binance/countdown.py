"""Binance's dead-man switch: when the countdown of a symbol runs out, its resting orders are cancelled."""

from weakref import WeakKeyDictionary

from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.asked_order import needed
from tests.emulator.binance.names import instrument_of, product_of, venue_id
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core

_DEADLINES: WeakKeyDictionary[Core, dict[str, int]] = WeakKeyDictionary()


def set_countdown(ask: Ask, core: Core) -> Reply:
    """Answer POST fapi|dapi/v1/countdownCancelAll: `countdownTime` ms from now, 0 switches it off."""
    params = {**ask.params, **ask.form}
    one, wait = instrument_of(core, product_of(ask), params), needed(params, "countdownTime")
    if not wait.isdigit():
        raise refused(-1130, "Data sent for parameter 'countdownTime' is not valid.")
    let_pass(core)
    deadlines = _DEADLINES.setdefault(core, {})
    deadlines.pop(one.symbol, None)
    if int(wait):
        deadlines[one.symbol] = core.now_ms() + int(wait)
    return Reply(body={"symbol": venue_id(one), "countdownTime": wait})


def let_pass(core: Core) -> None:
    """Cancel the resting orders of every symbol whose countdown has run out."""
    deadlines = _DEADLINES.get(core, {})
    for symbol in [name for name, due in deadlines.items() if due <= core.now_ms()]:
        del deadlines[symbol]
        for order in core.open_orders(symbol):
            core.cancel(order.number)
