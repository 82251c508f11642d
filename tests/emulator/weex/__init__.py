"""WEEX as it answers: two hosts, one way to sign, orders that are only acknowledged, contracts held in legs."""

from tests.emulator.weex.auth import check_signature
from tests.emulator.weex.names import REGRID
from tests.emulator.weex.routes import CALLS, HOSTS, PRIVATE, ROUTES, RULES
from tests.emulator.weex.words import FAULT_CODES

__all__ = ["CALLS", "FAULT_CODES", "HOSTS", "PRIVATE", "REGRID", "ROUTES", "RULES", "check_signature"]
