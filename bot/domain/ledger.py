"""What changed an account's balances, one line for each change: the books close on these."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import WalletKind


class EntryKind(StrEnum):
    """Why a balance changed."""

    FILL = "fill"
    FEE = "fee"
    FUNDING = "funding"
    REALISED = "realised"
    TRANSFER = "transfer"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    LIQUIDATION = "liquidation"
    DELIVERY = "delivery"
    INTEREST = "interest"


FLOWS = frozenset({EntryKind.DEPOSIT, EntryKind.WITHDRAWAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One change of one balance. `change` is signed, in coins of `asset`; received is positive.

    `sequence` rises with each entry of an account, by any step. `reference` is the trade, transfer or
    settlement it came from; `symbol` the instrument, empty for flows and transfers.
    """

    sequence: int
    at: datetime
    kind: EntryKind
    wallet: WalletKind
    asset: str
    change: Decimal
    symbol: str
    reference: str
