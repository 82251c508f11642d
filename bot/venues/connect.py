"""Opens one account at one venue: ccxt's clients behind the guard, and the proof that the mode is the one meant."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.errors import RequestForbidden, SettingsRefused
from bot.ports import Clock
from bot.venues.guard import GuardedSession, Wire
from bot.venues.library import venue_class
from bot.venues.pace import Pace, keep_pace
from bot.venues.row import Access, Client, Sandbox, VenueRow
from bot.venues.translate import decimal
from bot.venues.wire import sends_once

REQUEST_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What signs requests; `__repr__` tells nothing of it."""

    key: str
    secret: str
    passphrase: str = ""

    def __repr__(self) -> str:
        """Say that there is something, and no more."""
        return "Login(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """ccxt's clients by wallet, the row they follow, and what this mode may do."""

    row: VenueRow
    mode: Mode
    access: Access
    clients: Mapping[WalletKind, Any]
    wire: Wire

    def all_clients(self) -> tuple[Any, ...]:
        """Return each client once."""
        return tuple({id(client): client for client in self.clients.values()}.values())

    async def close(self) -> None:
        """Let go of everything."""
        for client in self.all_clients():
            await client.close()
        await self.wire.close()


def access_of(row: VenueRow, mode: Mode) -> Access:
    """Return what a mode may do at a venue; raise SettingsRefused where the venue has no such mode."""
    access = row.access.get(mode)
    if access is None:
        has = ", ".join(one.value for one in row.access)
        raise SettingsRefused(
            f"{row.title} has no {mode}: it has {has}",
            mend="plan against the real account in dry-run, or use the simulated venue",
        )
    return access


def connect(row: VenueRow, mode: Mode, login: Login | None, clock: Clock, wire: Wire) -> Connection:
    """Return the open connection of an account; without a login only public data can be read.

    Raises SettingsRefused when the mode is not to be had, or cannot be proved: then nothing was sent.
    """
    access = access_of(row, mode)
    if not sends_once(wire):
        raise SettingsRefused(
            "the session would repeat requests when a connection breaks: an order could be sent twice"
        )
    session = GuardedSession(wire, access, row.codes, row.auth_marks, clock)
    clients: dict[WalletKind, Any] = {}
    for wanted in row.clients:
        served = [wallet for wallet in wanted.wallets if wallet in access.wallets]
        if not served:
            continue
        client = _client(wanted, access, login, clock)
        client.session, client.own_session = session, False
        assert_no_retries(client)
        prove(client, row, access)
        clients.update(dict.fromkeys(served, client))
    return Connection(row=row, mode=mode, access=access, clients=clients, wire=wire)


def _client(wanted: Client, access: Access, login: Login | None, clock: Clock) -> Any:
    config: dict[str, object] = {
        "enableRateLimit": True,
        "timeout": REQUEST_SECONDS * 1000,
        "number": str,
    }
    if login is not None:
        config.update(apiKey=login.key, secret=login.secret, password=login.passphrase or None)
    if wanted.window_ms:
        config.update(rateLimiterAlgorithm="rollingWindow", rollingWindowSize=wanted.window_ms)
    client = venue_class(wanted.ccxt_id)(config)
    client.options = client.deep_extend(client.options, dict(wanted.options))
    client.has["fetchCurrencies"] = False
    client.verbose = False
    client.log = lambda *_: None  # what it would print, once somebody made it verbose, are keys and signatures
    client.get_socks_proxy_session = no_socks
    client.timeout_on_exit = 0  # ccxt would wait for a session to close that is not its own
    client.milliseconds = milliseconds_of(client, clock)
    client.parse_order_book_bid_ask = level_told
    client.asyncio_loop = asyncio.get_running_loop()
    client.throttler.loop = client.asyncio_loop
    keep_pace(client, Pace(clock, wanted.paces))
    match access.sandbox:
        case Sandbox.NONE:
            pass
        case Sandbox.DEMO:
            client.enable_demo_trading(enable=True)
        case Sandbox.ADDRESSES | Sandbox.HEADER | Sandbox.PATHS:
            client.set_sandbox_mode(True)
    return client


def level_told(
    level: Sequence[object] | Mapping[str, object], price: Any = 0, amount: Any = 1, _count: Any = 2
) -> list[Decimal]:
    """Return a level of an order book to the last digit, where ccxt's own would be floats."""
    told: Any = level
    return [decimal(told[price], "price of a level"), decimal(told[amount], "amount of a level")]


def no_socks(proxy: str) -> NoReturn:
    """Refuse: ccxt would ask through a session of its own then, past the guard."""
    raise RequestForbidden(f"a request through a {proxy.partition(':')[0][:10]} proxy is never sent")


def milliseconds_of(client: Any, clock: Clock) -> Callable[[], int]:
    """Return the time ccxt signs with: the Clock's, moved by what the venue's clock was found to differ."""

    def milliseconds() -> int:
        return int(clock.now().timestamp() * 1000) + int(client.options.get("poiseOffsetMs", 0))

    return milliseconds


def assert_no_retries(client: Any) -> None:
    """Raise SettingsRefused when ccxt would send anything twice: a write is sent once at every layer."""
    if int(client.options.get("maxRetriesOnFailure", 0) or 0) != 0:
        raise SettingsRefused("ccxt is set to repeat failed requests: an order could be sent twice")
    proxies = ("httpProxy", "httpsProxy", "socksProxy", "http_proxy", "https_proxy", "socks_proxy", "aiohttp_proxy")
    if any(getattr(client, name, None) for name in (*proxies, "proxyUrl", "proxy_url")) or client.verify is False:
        raise SettingsRefused("ccxt is set to use a proxy or not to check certificates: nothing is sent that way")


def prove(client: Any, row: VenueRow, access: Access) -> None:
    """Check where ccxt would go after the mode was set; raise SettingsRefused when that is not this mode's side.

    `isSandboxModeEnabled` proves nothing (VENUES 0.7): only addresses and headers do. Some address must be on
    the list, and the headers must be those of the mode; each request is checked again before it leaves.
    """
    hosts = {
        urlsplit(str(url).replace("{hostname}", str(client.hostname))).hostname for url in _leaves(client.urls["api"])
    }
    headers = {str(name).lower(): str(value) for name, value in (client.headers or {}).items()}
    wanted = {name.lower(): value for name, value in access.headers.items()}
    missing = [name for name, value in wanted.items() if headers.get(name) != value]
    foreign = [name for name in access.without if name.lower() in headers]
    if not hosts & access.hosts or missing or foreign:
        raise SettingsRefused(
            f"{row.title}: the mode cannot be proved (addresses {', '.join(sorted(map(str, hosts)))[:200]}), "
            "so nothing private is sent",
            mend="poise doctor",
        )


def _leaves(tree: object) -> tuple[object, ...]:
    if isinstance(tree, dict):
        return tuple(leaf for branch in tree.values() for leaf in _leaves(branch))
    return (tree,)
