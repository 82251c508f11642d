"""One look takes as many requests as the row says: counted by what really left for each emulated venue."""

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.mode import Mode
from bot.venues.budget import requests_per_look
from bot.venues.rows import NAMES, row_of
from bot.venues.scope import Scope
from tests.venues.rig import rigged

EMULATED = tuple(name for name in NAMES if name != "okx")
KINDS = frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL})


@pytest.mark.parametrize("coins", [("BTC",), ("BTC", "ETH")])
@pytest.mark.parametrize("venue", EMULATED)
async def test_what_leaves_for_one_look_is_what_the_row_says(venue: str, coins: tuple[str, ...]) -> None:
    """A first look reads the rules as well; the second one is counted."""
    async with rigged(venue, books="empty", scope=Scope(coins=coins, quote="USDT", kinds=KINDS)) as rig:
        await rig.gateway.snapshot()
        before = len(rig.server.asks)
        seen = await rig.gateway.snapshot()
        left = rig.paths(before)
        markets = {
            wallet: sum(one.wallet is wallet for one in seen.instruments.values())
            for wallet in (WalletKind.SPOT, WalletKind.LINEAR)
        }
        row = row_of(venue)
        assert len(left) == requests_per_look(row, row.access[Mode.LIVE], markets), "\n".join(sorted(left))
        assert sum(markets.values()) == 2 * len(coins)
