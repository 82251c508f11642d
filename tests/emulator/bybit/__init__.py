"""The emulated Bybit: one unified account in spot, linear and inverse, ids of ours taken for ever."""

from tests.emulator.bybit.auth import check_signature
from tests.emulator.bybit.routes import CALLS, FAULT_CODES, HOSTS, PRIVATE, REGRID, ROUTES, RULES

__all__ = ["CALLS", "FAULT_CODES", "HOSTS", "PRIVATE", "REGRID", "ROUTES", "RULES", "check_signature"]
