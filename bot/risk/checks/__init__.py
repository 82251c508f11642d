"""Every control of the gate, by what it looks at; `CONTROLS` is all of them in the order of their codes."""

from typing import Any

from bot.risk.checks.account_checks import ACCOUNT_CONTROLS
from bot.risk.checks.conduct_checks import CONDUCT_CONTROLS
from bot.risk.checks.control import Control
from bot.risk.checks.exposure_checks import EXPOSURE_CONTROLS
from bot.risk.checks.market_checks import MARKET_CONTROLS
from bot.risk.checks.order_checks import SIZE_CONTROLS
from bot.risk.checks.price_checks import PRICE_CONTROLS
from bot.risk.checks.sleeve_checks import SLEEVE_CONTROLS
from bot.risk.checks.wallet_checks import WALLET_CONTROLS

ORDER_CONTROLS = tuple(
    sorted((*SIZE_CONTROLS, *PRICE_CONTROLS), key=lambda control: (control.code.startswith("BK"), control.code))
)
CASE_CONTROLS = (*EXPOSURE_CONTROLS, *CONDUCT_CONTROLS, *WALLET_CONTROLS, *SLEEVE_CONTROLS)

CONTROLS: tuple[Control[Any], ...] = tuple(
    sorted(
        (*ACCOUNT_CONTROLS, *MARKET_CONTROLS, *ORDER_CONTROLS, *CASE_CONTROLS),
        key=lambda control: control.code,
    )
)

__all__ = [
    "ACCOUNT_CONTROLS",
    "CASE_CONTROLS",
    "CONTROLS",
    "MARKET_CONTROLS",
    "ORDER_CONTROLS",
]
