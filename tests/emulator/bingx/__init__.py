"""The emulated BingX: three APIs of one venue, everything in the query, ids of ours in lower case on contracts."""

from tests.emulator.bingx.auth import check_signature
from tests.emulator.bingx.routes import CALLS, FAULT_CODES, HOSTS, PRIVATE, REGRID, ROUTES, RULES

__all__ = ["CALLS", "FAULT_CODES", "HOSTS", "PRIVATE", "REGRID", "ROUTES", "RULES", "check_signature"]
