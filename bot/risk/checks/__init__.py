"""Every control of the gate, by what it looks at; `CONTROLS` is all of them in the order of their codes."""

from typing import Any

from bot.risk.checks.account_checks import ACCOUNT_CONTROLS
from bot.risk.checks.conduct_checks import CONDUCT_CONTROLS
from bot.risk.checks.control import Control
from bot.risk.checks.exposure_checks import EXPOSURE_CONTROLS
from bot.risk.checks.market_checks import MARKET_CONTROLS
from bot.risk.checks.order_checks import ORDER_CONTROLS
from bot.risk.checks.wallet_checks import WALLET_CONTROLS

CASE_CONTROLS = (*EXPOSURE_CONTROLS, *CONDUCT_CONTROLS, *WALLET_CONTROLS)

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
