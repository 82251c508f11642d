"""data fetch: public history into a folder, for backtests; no key and no account is needed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Json
from bot.errors import SettingsRefused

if TYPE_CHECKING:
    from bot.fetching import Fetched

FETCH_HELP = """Fetch bars, funding and open interest into a folder that --data reads. Asked again, it goes on.

Example: poise data fetch history --venue bybit --symbols BTC/USDT,BTC/USDT:USDT --since 2026-01-01
"""
SECONDS = {"5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400}


def fetch(
    folder: Annotated[Path, typer.Argument(help="The folder to write to; made when missing.")],
    venue: Annotated[str, typer.Option("--venue", help="binance, bybit, bingx, weex, mexc or okx.")],
    symbols: Annotated[str, typer.Option("--symbols", help="Markets: BTC/USDT,BTC/USDT:USDT,BTC/USD:BTC.")],
    since: Annotated[str, typer.Option("--since", help="From this day on (UTC).")],
    timeframe: Annotated[str, typer.Option("--timeframe", help="Length of a bar: 5m, 15m, 1h, 4h or 1d.")] = "1h",
    as_json: Json = False,
) -> int:
    """Fetch public history."""
    from bot.canonical import to_plain
    from bot.report.envelope import envelope

    if timeframe not in SECONDS:
        raise SettingsRefused(f"--timeframe {timeframe[:20]!r} is no length of a bar", mend=", ".join(SECONDS))
    names = tuple(name.strip().upper() for name in symbols.split(",") if name.strip())
    begin = options.moment("--since", since)
    found = options.finished(_fetched(folder, venue, names, (timeframe, begin), as_json=as_json))
    missing = [one for one in found if isinstance(one, str)]
    if as_json:
        done = [to_plain(one) for one in found if not isinstance(one, str)]
        typer.echo(envelope("data", {"series": done, "missing": missing}))
    return ExitCode.DONE if len(missing) < len(found) else ExitCode.ERROR


async def _fetched(
    folder: Path, venue: str, names: tuple[str, ...], bars: tuple[str, datetime], *, as_json: bool
) -> "list[Fetched | str]":
    from bot.app import fetched_history

    found: list[Fetched | str] = []
    async for one in fetched_history(folder, venue, names, (bars[0], SECONDS[bars[0]]), bars[1]):
        found.append(one)
        if not as_json:
            typer.echo(printable(one if isinstance(one, str) else _line(one)))
    return found


def _line(one: "Fetched") -> str:
    holes = f", {one.holes} holes" if one.holes else ""
    span = f"{one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M}" if one.first and one.last else "empty"
    return f"{one.file.name}: {one.rows:,} rows, {one.added:,} new, {span}{holes}"
