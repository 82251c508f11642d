"""How a BingX account is set up: leverage by leg, margin mode by symbol, position mode for all linear contracts."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.account import leverage_row
from tests.emulator.bingx.listing import widest_leverage
from tests.emulator.bingx.memory import memory_of
from tests.emulator.bingx.names import Side, find, listed, side_of, venue_id
from tests.emulator.bingx.words import answered, refused, spot_answered, whole_of
from tests.emulator.core import Core

_MODES = {"CROSSED": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}
_WORDS = {mode: word for word, mode in _MODES.items()}
SHORTEST_SILENCE, LONGEST_SILENCE = 10, 120  # seconds


def _asked(ask: Ask, core: Core) -> tuple[Side, Instrument]:
    side = side_of(ask.path)
    return side, find(core, side, ask.params.get("symbol", ""))


def set_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST swap/v2/trade/leverage and cswap/v1/trade/leverage; the same leverage again is no error.

    In one-way mode a linear contract has one leg, BOTH; else, and with coin margin, LONG and SHORT are set apart
    (here they always stand alike).
    """
    side, one = _asked(ask, core)
    leg, wanted = ask.params.get("side", ""), whole_of(ask.params, "leverage", 0)
    legs = ("BOTH",) if side is Side.LINEAR and not core.hedge_mode else ("LONG", "SHORT")
    if leg not in legs:
        mode, words = ("Hedge", "LONG or SHORT") if len(legs) > 1 else ("One-way", "BOTH")
        raise refused(109400, f"In the {mode} mode, the 'Side' field can only be set to {words}.")
    if wanted < 1:
        raise refused(109400, "Invalid parameters, err:leverage: This field is required")
    if wanted > widest_leverage(one):
        raise refused(101414, f"The maximum leverage for the trading pair is {widest_leverage(one)}")
    try:
        core.set_leverage(one.symbol, Decimal(wanted))
    except OrderRejected:
        raise refused(101204, "Insufficient margin") from None
    row = leverage_row(core, side, one)
    if side is Side.INVERSE:
        return answered(row, timestamp=core.now_ms())
    shown = {name: value for name, value in row.items() if not name.endswith("Leverage")}
    return answered({"leverage": wanted, "symbol": venue_id(one), **shown})


def margin_mode(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/trade/marginType and cswap/v1/trade/marginType."""
    side, one = _asked(ask, core)
    word = _WORDS[core.margin_mode(one.symbol)]
    if side is Side.INVERSE:
        return answered({"symbol": venue_id(one), "marginType": word}, timestamp=core.now_ms())
    return answered({"marginType": word})


def set_margin_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST swap/v2/trade/marginType and cswap/v1/trade/marginType: not with a position or a resting order."""
    _, one = _asked(ask, core)
    mode = _MODES.get(ask.params.get("marginType", ""))
    if mode is None:
        raise refused(109400, "Invalid parameters, err:marginType: This field must be one of ISOLATED, CROSSED")
    try:
        core.set_margin_mode(one.symbol, mode)
    except OrderRejected:
        raise refused(80001, "the account has positions or pending orders") from None
    return Reply(body={"code": 0, "msg": ""})


def position_mode(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v1/positionSide/dual: "true" is two legs."""
    return answered({"dualSidePosition": str(core.hedge_mode).lower()})


def set_position_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST swap/v1/positionSide/dual; a change is refused with a position or a resting linear order."""
    word = ask.params.get("dualSidePosition", "")
    if word not in ("true", "false"):
        raise refused(109400, "Invalid parameters, err:dualSidePosition: This field must be one of true, false")
    wanted = word == "true"
    if wanted != core.hedge_mode:
        if any(one.symbol in core.positions() or core.open_orders(one.symbol) for one in listed(core, Side.LINEAR)):
            raise refused(80001, "the account has positions or pending orders")
        core.set_hedge_mode(wanted)
    return answered({"dualSidePosition": word})


def cancel_after(ask: Ask, core: Core) -> Reply:
    """Answer POST spot/v1/trade/cancelAllAfter and swap/v2/trade/cancelAllAfter: a timer of 10 to 120 seconds."""
    side, seconds = side_of(ask.path), whole_of(ask.params, "timeOut", 0)
    word = ask.params.get("type", "")
    if word not in ("ACTIVATE", "CLOSE"):
        raise refused(109400, "Invalid parameters, err:type: This field must be one of ACTIVATE, CLOSE")
    timers = memory_of(core).silent_at_ms
    timers.pop(side, None)
    data: dict[str, object] = {"triggerTime": 0, "status": "CLOSED", "note": "The timer has been closed"}
    if word == "ACTIVATE":
        if not SHORTEST_SILENCE <= seconds <= LONGEST_SILENCE:
            raise refused(109400, f"timeOut must be between {SHORTEST_SILENCE} and {LONGEST_SILENCE}")
        timers[side] = core.now_ms() + seconds * 1000
        note = "All your pending orders will be closed automatically, before that you can cancel the timer"
        data = {"triggerTime": timers[side] // 1000, "status": "ACTIVATED", "note": note}
    return spot_answered(data)


def ring(core: Core) -> None:
    """Cancel what rests in an API whose timer has run out."""
    timers = memory_of(core).silent_at_ms
    for side in [side for side, at_ms in timers.items() if at_ms <= core.now_ms()]:
        del timers[side]
        for one in listed(core, side):
            for order in core.open_orders(one.symbol):
                core.cancel(order.number)
