"""How many requests one look at an account takes: counted from the row, and held by a test against what leaves."""

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import Wallets
from bot.venues.row import Access, VenueRow


def requests_per_look(row: VenueRow, access: Access, markets: dict[WalletKind, int]) -> int:
    """Return the requests of one snapshot with so many markets by wallet, once the rules are known.

    The server's time once, every purse twice (before and after, to prove one moment), positions, resting orders and
    prices together in between, the account's margin mode where positions do not tell it, and an order book for each
    market. Leverage that positions do not tell is one more where something is held, and is not counted.
    """
    wallets = [wallet for wallet in row.products if wallet in access.wallets]
    purses = 1 if access.purses is Wallets.POOLED else len(wallets)
    total = 1 + 2 * purses
    for wallet in wallets:
        product, count = row.products[wallet], markets.get(wallet, 0)
        total += len(product.positions) + bool(product.position.mode_call)
        total += len(product.resting) * (count if product.resting_each else 1)
        total += sum(count if read.each else 1 for read in product.market_reads) if count else 0
        total += count
    return total
