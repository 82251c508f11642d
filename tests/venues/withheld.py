"""An emulated venue that leaves one field of an answer empty, whatever else it says."""

import json
from dataclasses import replace
from typing import Any

from tests.emulator.asks import Ask, Reply, Route
from tests.emulator.core import Core
from tests.emulator.server import EmulatedServer


def withhold(server: EmulatedServer, call: str, *fields: str) -> None:
    """Answer a call from now on with null in those fields of every row."""
    venue = server.venue
    bent = {route: _bent(server, route, fields) for route in venue.calls[call]}
    server.venue = replace(venue, routes={**venue.routes, **bent})


def _bent(server: EmulatedServer, route: Route, fields: tuple[str, ...]) -> Any:
    handler = server.venue.routes[route]

    def answer(ask: Ask, core: Core) -> Reply:
        reply = handler(ask, core)
        return replace(reply, body=_without(json.loads(reply.text), fields))

    return answer


def _without(tree: Any, fields: tuple[str, ...]) -> Any:
    if isinstance(tree, dict):
        return {name: None if name in fields else _without(branch, fields) for name, branch in tree.items()}
    if isinstance(tree, list):
        return [_without(one, fields) for one in tree]
    return tree
