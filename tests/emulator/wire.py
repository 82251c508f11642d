"""The session that leads to the emulator: the address is bent, everything else goes as it was sent."""

from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.venues.wire import never_repeat
from tests.emulator.asks import REAL_HOST


class _NoNames(AbstractResolver):
    """Finds no host: nothing but the emulator's own address can be reached, wherever a redirect leads."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Refuse every name."""
        raise OSError(f"the emulator's wire leads to no {host}")

    async def close(self) -> None:
        """Nothing is held."""


class EmulatorSession:
    """Stands for an aiohttp.ClientSession. `base` is the emulator's address; `hosts` are those asked for, in order."""

    def __init__(self, base: URL) -> None:
        self._base = base
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_NoNames(), limit=0), trust_env=False
        )
        never_repeat(self._session)
        self.hosts: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Return what the session behind has: headers, closed, cookie_jar and the rest."""
        return getattr(self._session, name)

    def request(self, method: str, url: str | URL, **options: Any) -> Any:
        """Send a request to the emulator; its real host travels in a header, path and query stay byte for byte."""
        asked = URL(url, encoded=True) if isinstance(url, str) else url
        self.hosts.append(asked.host or "")
        bent = URL.build(
            scheme=self._base.scheme,
            host=self._base.host or "",
            port=self._base.port,
            path=asked.raw_path,
            query_string=asked.raw_query_string,
            encoded=True,
        )
        headers = {**(options.pop("headers", None) or {}), REAL_HOST: asked.host or ""}
        return self._session.request(method, bent, headers=headers, **options)

    def get(self, url: str | URL, **options: Any) -> Any:
        """Send a GET."""
        return self.request("GET", url, **options)

    def post(self, url: str | URL, **options: Any) -> Any:
        """Send a POST."""
        return self.request("POST", url, **options)

    def put(self, url: str | URL, **options: Any) -> Any:
        """Send a PUT."""
        return self.request("PUT", url, **options)

    def delete(self, url: str | URL, **options: Any) -> Any:
        """Send a DELETE."""
        return self.request("DELETE", url, **options)

    def patch(self, url: str | URL, **options: Any) -> Any:
        """Send a PATCH."""
        return self.request("PATCH", url, **options)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()
