"""A contract is brought to what is wanted and read back, at venues that keep a leverage for each margin mode too."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.snapshot import MarginMode
from bot.errors import SettingsRefused
from bot.venues.setup import Standing, WantedSetting, set_up, standing
from tests.builders import a_perpetual, d
from tests.unit.venues.desk import connected, reader

PERP = "BTC/USDT:USDT"


class ByMode:
    """A one-way account as OKX's is: a leverage for cross and one for isolated; unnamed, cross is meant."""

    def __init__(self, cross: int, isolated: int, *, deaf: bool = False) -> None:
        self.leverages = {"cross": cross, "isolated": isolated}
        self.read: list[object] = []
        self.set: list[tuple[object, int]] = []
        self._deaf = deaf

    async def fetch_position_mode(self, symbol: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """One way; a margin mode is no part of the question."""
        assert params == {}
        return {"hedged": False}

    async def fetch_leverage(self, symbol: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The leverage of the mode named."""
        assert symbol == PERP
        self.read.append(params.get("mgnMode"))
        mode = params.get("mgnMode", "cross")
        leverage = self.leverages[mode]
        return {"marginMode": mode, "longLeverage": leverage, "shortLeverage": leverage}

    async def set_leverage(self, leverage: int, symbol: str, params: Mapping[str, Any]) -> None:
        """Another leverage for the mode named; a deaf account says yes and changes nothing."""
        self.set.append((params["mgnMode"], leverage))
        if not self._deaf:
            self.leverages[params["mgnMode"]] = leverage


async def ready(client: ByMode, mode: MarginMode) -> Standing:
    """Bring the contract to five times in that mode at OKX."""
    connection = connected(client, venue="okx")
    return await set_up(connection, a_perpetual(), WantedSetting(margin_mode=mode, leverage=d(5)), reader(connection))


@pytest.mark.parametrize(("mode", "other"), [(MarginMode.ISOLATED, "cross"), (MarginMode.CROSS, "isolated")])
async def test_the_leverage_of_the_mode_wanted_is_set_and_read_back(mode: MarginMode, other: str) -> None:
    """Three before in both; five afterwards in the one, and three still in the other."""
    client = ByMode(3, 3)
    found = await ready(client, mode)
    assert (found.one_way, found.margin_mode, found.leverage) == (True, mode, 5)
    assert client.leverages == {mode.value: 5, other: 3}
    assert (client.set, client.read) == ([(mode.value, 5)], [mode.value, mode.value])


async def test_what_stands_in_the_mode_wanted_is_not_asked_for_again() -> None:
    """Isolated is at five already: cross at three is nobody's matter."""
    client = ByMode(3, 5)
    assert (await ready(client, MarginMode.ISOLATED)).leverage == 5
    assert client.set == []


async def test_a_leverage_that_was_not_taken_is_refused_in_the_mode_wanted() -> None:
    """Cross is at five, which proves nothing of isolated: that is read, and still at three."""
    with pytest.raises(SettingsRefused, match="the leverage was to be 5, and the venue says 3"):
        await ready(ByMode(5, 3, deaf=True), MarginMode.ISOLATED)


async def test_without_anything_wanted_no_mode_is_named() -> None:
    """What ccxt asks for by itself, cross, is told."""
    client = ByMode(3, 5)
    connection = connected(client, venue="okx")
    found = await standing(connection, a_perpetual(), reader(connection))
    assert (found.margin_mode, found.leverage, client.read) == (MarginMode.CROSS, 3, [None])


async def test_a_mode_is_named_to_no_venue_whose_row_does_not_say_so() -> None:
    """WEEX names the mode beside a leverage it sets, and is read without."""
    client = ByMode(3, 5)
    connection = connected(client, venue="weex")
    wanted = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=d(5))
    await standing(connection, a_perpetual(), reader(connection), wanted)
    assert client.read == [None]
