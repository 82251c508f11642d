"""MEXC as it answers: a spot API with parameters in the query, a contract API with signed JSON, one account."""

from tests.emulator.mexc.auth import check_signature
from tests.emulator.mexc.names import REGRID
from tests.emulator.mexc.refusals import FAULT_CODES
from tests.emulator.mexc.routes import CALLS, HOSTS, PRIVATE, ROUTES, RULES

__all__ = ["CALLS", "FAULT_CODES", "HOSTS", "PRIVATE", "REGRID", "ROUTES", "RULES", "check_signature"]
