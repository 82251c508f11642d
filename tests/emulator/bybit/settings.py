"""How Bybit's account is set up: leverage per contract, margin mode per account, one-way or hedge per coin."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bot.domain.snapshot import MarginMode
from bot.errors import PoiseError
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.account import account_mode
from tests.emulator.bybit.listing import widest_leverage
from tests.emulator.bybit.memory import memory_of
from tests.emulator.bybit.names import Category, category_of, find
from tests.emulator.bybit.words import answered, envelope, refused
from tests.emulator.core import Core

_MODES = {"REGULAR_MARGIN": MarginMode.CROSS, "ISOLATED_MARGIN": MarginMode.ISOLATED}
ONE_WAY, HEDGE = 0, 3
SHORTEST_SILENCE, LONGEST_SILENCE = 3, 300


def body_of(ask: Ask, core: Core) -> Mapping[str, object]:
    """Return the JSON object a request carries; refuse anything else with 10001."""
    sent = ask.json
    if not isinstance(sent, dict):
        raise refused(core, 10001, "params error: body is not a JSON object")
    return sent


def number_of(core: Core, sent: Mapping[str, object], name: str) -> Decimal:
    """Return a number sent as text; refuse anything else with 10001."""
    try:
        number = Decimal(str(sent[name]))
    except (KeyError, InvalidOperation):
        raise refused(core, 10001, f"params error: {name} invalid") from None
    if not number.is_finite():
        raise refused(core, 10001, f"params error: {name} invalid")
    return number


def set_leverage(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/position/set-leverage: both sides alike; 110043 where it stands so already."""
    sent = body_of(ask, core)
    one = find(core, category_of(core, sent), str(sent.get("symbol", "")))
    buy, sell = number_of(core, sent, "buyLeverage"), number_of(core, sent, "sellLeverage")
    if buy != sell:
        raise refused(core, 10001, "buyLeverage must be equal to sellLeverage")
    if not 1 <= buy <= widest_leverage(one):
        raise refused(
            core, 110013, f"cannot set leverage [{buy}] gt maxLeverage [{widest_leverage(one)}] by risk limit"
        )
    if buy == core.leverage(one.symbol):
        raise refused(core, 110043, "leverage not modified")
    try:
        core.set_leverage(one.symbol, buy)
    except PoiseError:
        raise refused(core, 110044, "Available margin is insufficient.") from None
    return answered(core, {})


def set_margin_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/account/set-margin-mode: of the whole account, and never with orders resting."""
    mode = _MODES.get(str(body_of(ask, core).get("setMarginMode", "")))
    if mode is None:
        raise refused(core, 10001, "params error: setMarginMode invalid")
    if mode is account_mode(core):
        return answered(core, {"reasons": []}, message="Request accepted")
    if core.open_orders(None) or core.positions():
        reasons = [{"reasonCode": "3400006", "reasonMsg": "You have open orders or positions"}]
        return answered(core, {"reasons": reasons}, code=3400045, message="Set margin mode failed")
    for one in core.instruments.values():
        if not one.kind.is_spot:
            core.set_margin_mode(one.symbol, mode)
    return answered(core, {"reasons": []}, message="Request accepted")


def switch_mode(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/position/switch-mode: 0 one-way, 3 hedge; 110025 where it stands so already."""
    sent = body_of(ask, core)
    category = category_of(core, sent)
    if category is Category.SPOT or not (sent.get("coin") or sent.get("symbol")):
        raise refused(core, 10001, "params error: symbol or coin must be passed")
    if sent.get("mode") not in (ONE_WAY, HEDGE):
        raise refused(core, 10001, "params error: mode invalid")
    is_hedge = sent["mode"] == HEDGE
    if category is Category.INVERSE and is_hedge:
        raise refused(core, 110029, "This symbol does not support hedge mode")
    if is_hedge == core.hedge_mode:
        raise refused(core, 110025, "Position mode is not modified")
    if core.positions():
        raise refused(core, 110024, "You have an existing position, so the position mode cannot be switched")
    if core.open_orders(None):
        raise refused(core, 110028, "You have existing open orders, so the position mode cannot be switched")
    core.set_hedge_mode(is_hedge)
    return answered(core, {})


def cancel_when_silent(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/order/disconnected-cancel-all: it watches the private stream, no REST client (VENUES 4)."""
    window = number_of(core, body_of(ask, core), "timeWindow")
    if not SHORTEST_SILENCE <= window <= LONGEST_SILENCE:
        raise refused(core, 10001, f"timeWindow must be in [{SHORTEST_SILENCE}, {LONGEST_SILENCE}]")
    memory_of(core).silence_seconds = int(window)
    return Reply(body=envelope(core.now_ms(), {}, message="success"))
