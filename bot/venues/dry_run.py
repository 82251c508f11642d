"""A real account that is only looked at: every reading is real, and nothing can be sent."""

from bot.domain.order import OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.errors import OrderRejected
from bot.venues.gateway import Gateway

WHY = "dry-run: the account is read, and nothing is sent"


class DryRunGateway(Gateway):
    """An Exchange whose writes end here; the transport's list for this mode holds none either."""

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Refuse."""
        raise OrderRejected(WHY, code="dry-run")

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Refuse."""
        raise OrderRejected(WHY, code="dry-run")

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Refuse."""
        raise OrderRejected(WHY, code="dry-run")
