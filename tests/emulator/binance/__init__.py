"""Binance as it answers: three hosts, three sets of paths, one account."""

from tests.emulator.binance.auth import check_signature
from tests.emulator.binance.refusals import FAULT_CODES
from tests.emulator.binance.routes import CALLS, HOSTS, PRIVATE, ROUTES
from tests.emulator.listed import as_it_is
from tests.emulator.orders import Rules

RULES = Rules(client_id_scope="open")
REGRID = as_it_is  # contracts of one coin, 100 USD of BTC or 10 USD of any other: as the simulator lists them

__all__ = ["CALLS", "FAULT_CODES", "HOSTS", "PRIVATE", "REGRID", "ROUTES", "RULES", "check_signature"]
