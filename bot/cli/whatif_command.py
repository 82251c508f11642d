"""The body of `poise whatif`: some coins at a price, or the whole book."""

import asyncio
import re
from decimal import Decimal

import typer

from bot.cli.exits import ExitCode
from bot.cli.options import bounded
from bot.errors import SettingsRefused
from bot.report.envelope import envelope
from bot.report.screen import screen
from bot.report.whatif_page import show_what_if, show_what_if_book, what_if_book_json, what_if_json
from bot.settings import Settings
from bot.simulator.synthetic import synthetic_market
from bot.whatif import HedgeTerms, what_if, what_if_book

HOLDING = re.compile(r"([A-Z0-9]{1,20})=([0-9.]+)@([0-9.]+)")
QUOTE = "USDT"
Move = tuple[Decimal, bool]


def show(
    settings: Settings,
    spot: str | None,
    moves: tuple[Move, ...],
    hedge: tuple[tuple[Decimal, ...], Decimal],
    *,
    as_json: bool,
) -> int:
    """Print the table for `spot`, or for the account's book; `hedge` is ratios and leverage."""
    ratios, leverage = hedge
    if spot is None:
        return asyncio.run(_show_book(settings, moves, ratios, as_json=as_json))
    asset, coins, price = _holding(spot)
    tiers = synthetic_market(settings.simulation.seed, (asset,)).instruments[f"{asset}/{QUOTE}:{QUOTE}"].tiers
    terms = HedgeTerms(tiers=tiers, leverage=leverage)
    after = [price * (1 + number) if is_fraction else price + number for number, is_fraction in moves]
    rows = what_if(coins, price, after, ratios, terms)
    if as_json:
        typer.echo(envelope("whatif", what_if_json(rows, terms, asset=asset, quote=QUOTE)))
    else:
        show_what_if(rows, terms, screen(), asset=asset, quote=QUOTE)
    return ExitCode.DONE


def _holding(spot: str) -> tuple[str, Decimal, Decimal]:
    found = HOLDING.fullmatch(spot.strip().upper())
    try:
        if found:
            coins, price = (bounded("--spot", Decimal(found[n])) for n in (2, 3))
            return found[1], coins, price
    except ArithmeticError:
        pass
    raise SettingsRefused(
        f"--spot is {spot[:40]!r}: coins and price are meant", mend="poise whatif --spot BTC=10@70000"
    )


async def _show_book(settings: Settings, moves: tuple[Move, ...], ratios: tuple[Decimal, ...], *, as_json: bool) -> int:
    from bot.app import looking

    if not all(is_fraction for _, is_fraction in moves):
        raise SettingsRefused(
            "a whole book moves by per cent, not by an amount",
            mend="poise whatif --move=-20%,20%, or --spot BTC=10@70000",
        )
    async with looking(settings) as parts:
        snapshot = await parts.exchange.snapshot()
        rows = what_if_book(snapshot, parts.policy, [number for number, _ in moves], (None, *ratios))
    if as_json:
        typer.echo(envelope("whatif", what_if_book_json(rows, quote=parts.policy.quote)))
    else:
        show_what_if_book(rows, screen(), quote=parts.policy.quote)
    return ExitCode.DONE
