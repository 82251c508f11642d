"""The body of `poise whatif`: some coins at a price, the whole book, or a shock on it."""

import asyncio
import re
from dataclasses import dataclass
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
from bot.whatif import HedgeTerms, Shock, crash, what_if, what_if_book

HOLDING = re.compile(r"([A-Z0-9]{1,20})=([0-9.]+)@([0-9.]+)")
QUOTE = "USDT"
HOURS_A_DAY = 24
Move = tuple[Decimal, bool]
Terms = tuple[tuple[Decimal, ...], Decimal, Move | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The shocks of a command line: a crash's name, moves, fractions of funding per 8 h and of basis, time."""

    crash: str | None
    moves: tuple[Move, ...]
    funding: Decimal | None
    days: Decimal
    basis: Decimal | None
    hours: Decimal | None

    @property
    def is_shock(self) -> bool:
        """Whether more than price moves was asked for."""
        return any(one is not None for one in (self.crash, self.funding, self.basis, self.hours))

    def shocks(self) -> tuple[Shock, ...]:
        """Return one shock for the crash, or for each move, each with the funding, the basis and the time."""
        hours = self.hours or Decimal(0)
        if self.funding is not None:
            hours = max(hours, self.days * HOURS_A_DAY)
        if self.crash is not None and self.moves:
            raise SettingsRefused("--crash and --move both say how far prices go", mend="leave one of them out")
        first = crash(self.crash) if self.crash is not None else Shock(name=self._name())
        moves = [None] if not self.moves else [_fraction(one) for one in self.moves]
        return tuple(
            Shock(
                name=first.name,
                moves=first.moves,
                others=first.others if move is None else move,
                basis=self.basis or Decimal(0),
                funding=self.funding,
                hours=hours,
            )
            for move in moves
        )

    def _name(self) -> str:
        named = (
            ("an outage", self.hours),
            ("a funding shock", self.funding),
            ("a basis blow-out", self.basis),
            ("a move", self.moves or None),
        )
        return " and ".join(name for name, given in named if given is not None)


def _fraction(move: Move) -> Decimal:
    """Return a move of the whole book: per cent, or a number below 1 in size."""
    number, is_fraction = move
    if is_fraction or abs(number) < 1:
        return number
    raise SettingsRefused(f"--move is {number}: a whole book moves by per cent", mend="--move=-20%")


def show_shocks(settings: Settings, asked: Asked, *, as_json: bool) -> int:
    """Print what the shocks make of the account's book, and what its policy would do then."""
    return asyncio.run(_show_shocks(settings, asked.shocks(), as_json=as_json))


async def _show_shocks(settings: Settings, shocks: tuple[Shock, ...], *, as_json: bool) -> int:
    from bot.app import looking
    from bot.planning import look, remember
    from bot.report.scenario_page import scenarios_json, show_scenarios
    from bot.scenario import decide_after
    from bot.whatif import run_scenario

    async with looking(settings) as parts:
        snapshot = await look(parts)
        memory = await remember(parts, snapshot, attended=True)
        policy = parts.policy
        told = [
            decide_after(policy, run_scenario(snapshot, policy, shock, memory.sleeves.claims), memory)
            for shock in shocks
        ]
    if as_json:
        typer.echo(envelope("whatif", scenarios_json(told, quote=policy.quote)))
    else:
        show_scenarios(told, screen(), quote=policy.quote)
    return ExitCode.DONE


def show(settings: Settings, spot: str | None, moves: tuple[Move, ...], hedge: Terms, *, as_json: bool) -> int:
    """Print the table for `spot`, or for the account's book; `hedge` is ratios, leverage and, instead of it, margin."""
    ratios, leverage, margin = hedge
    if spot is None:
        return asyncio.run(_show_book(settings, moves, ratios, as_json=as_json))
    asset, coins, price = _holding(spot)
    tiers = synthetic_market(settings.simulation.seed, (asset,)).instruments[f"{asset}/{QUOTE}:{QUOTE}"].tiers
    if margin is None:
        terms = HedgeTerms(tiers=tiers, leverage=leverage)
    else:
        number, is_share = margin
        terms = HedgeTerms(tiers=tiers, margin_share=number) if is_share else HedgeTerms(tiers=tiers, margin=number)
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
    from bot.planning import look, remember

    if not all(is_fraction for _, is_fraction in moves):
        raise SettingsRefused(
            "a whole book moves by per cent, not by an amount",
            mend="poise whatif --move=-20%,20%, or --spot BTC=10@70000",
        )
    async with looking(settings) as parts:
        snapshot = await look(parts)
        claims = (await remember(parts, snapshot, attended=True)).sleeves.claims
        rows = what_if_book(snapshot, parts.policy, [number for number, _ in moves], (None, *ratios), claims)
    if as_json:
        typer.echo(envelope("whatif", what_if_book_json(rows, quote=parts.policy.quote)))
    else:
        show_what_if_book(rows, screen(), quote=parts.policy.quote)
    return ExitCode.DONE
