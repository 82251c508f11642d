"""One venue as its package describes it: routes, names of calls, fault codes, hosts, rules and its lock."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from bot.domain.instrument import Kind
from tests.emulator.asks import Ask, Handler, Reply, Route
from tests.emulator.core import Core
from tests.emulator.listed import Regrid, as_it_is
from tests.emulator.opening import kinds_of, listed_market, opened
from tests.emulator.orders import Rules
from tests.emulator.times import MarketClock

USUAL_RULES = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One venue. A route's path may have "{name}" segments, which match any one segment.

    `private` are the routes whose signature is checked; None checks every one, and the package says which
    need none. An empty `hosts` takes any.
    """

    name: str
    routes: Mapping[Route, Handler]
    calls: Mapping[str, tuple[Route, ...]]
    fault_codes: Mapping[str, Reply]
    hosts: Mapping[str, str]
    check_signature: Callable[[Ask, Core], None]
    rules: Rules = USUAL_RULES
    private: frozenset[Route] | None = None
    regrid: Regrid = as_it_is
    kinds: frozenset[Kind] = frozenset()

    def route(self, method: str, path: str) -> Route | None:
        """Return the route that answers a path, an exact one before a pattern, None when none does."""
        if (method, path) in self.routes:
            return method, path
        asked = path.split("/")
        return next((route for route in self.routes if route[0] == method and _fits(route[1], asked)), None)

    def is_private(self, route: Route) -> bool:
        """Whether the signature of a route is checked."""
        return self.private is None or route in self.private


def _fits(pattern: str, asked: list[str]) -> bool:
    parts = pattern.split("/")
    if "{" not in pattern or len(parts) != len(asked):
        return False
    return all(part == given or (part[:1] == "{" and given) for part, given in zip(parts, asked, strict=True))


def venue_of(name: str) -> Venue:
    """Return the venue that the package tests.emulator.<name> describes."""
    package = import_module(f"tests.emulator.{name}")
    return Venue(
        name=name,
        routes=package.ROUTES,
        calls=package.CALLS,
        fault_codes=package.FAULT_CODES,
        hosts=package.HOSTS,
        check_signature=package.check_signature,
        rules=package.RULES,
        private=getattr(package, "PRIVATE", None),
        regrid=getattr(package, "REGRID", as_it_is),
        kinds=getattr(package, "KINDS", kinds_of(name)),
    )


def core_of(
    venue: Venue, *, books: str, seed: int | str, now: Callable[[], datetime], coins: Collection[str] = ()
) -> Core:
    """Return a new account of a venue in the market of `seed`; see `opened` for the books there are."""
    clock = MarketClock(now)
    market = listed_market(seed, coins, venue.kinds or kinds_of(venue.name), venue.regrid, clock)
    return Core(venue.name, market, clock, opened(market, clock, books, venue.rules), venue.rules)
