"""hedge compare: what the same cut of delta costs in every contract there is."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode
from bot.cli.options import Account, Begin, Home, Json, PolicyPath, Recorded, Seed
from bot.errors import SettingsRefused

if TYPE_CHECKING:
    from bot.domain.policy import Policy
    from bot.domain.snapshot import Snapshot
    from bot.policy.hedge.choice import HedgeNeed
    from bot.settings import Settings

COMPARE_HELP = """Compare what hedging some coins costs: each short contract, and selling the coins.

Example: poise hedge compare --asset BTC --coins 5 --horizon 30
"""


def compare(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    asset: Annotated[
        str | None, typer.Option("--asset", help="The coin (the largest of the core).", show_default=False)
    ] = None,
    coins: Annotated[
        str | None, typer.Option("--coins", help="How many to hedge (all of the core).", show_default=False)
    ] = None,
    horizon: Annotated[
        str | None, typer.Option("--horizon", help="For how many days (the policy's).", show_default=False)
    ] = None,
    seed: Seed = None,
    data: Recorded = None,
    begin: Begin = None,
    as_json: Json = False,
) -> int:
    """Compare hedges."""
    chosen = options.settings(home, policy, seed=seed, recorded=data, begin=begin, account=account)
    size = None if coins is None else options.amount("--coins", coins)
    days = None if horizon is None else options.amount("--horizon", horizon)
    return options.finished(_compare(chosen, asset, (size, days), as_json=as_json))


async def _compare(
    chosen: "Settings", asset: str | None, sizes: tuple[Decimal | None, Decimal | None], *, as_json: bool
) -> int:
    from bot.app import looking
    from bot.cli.observing import look_back
    from bot.planning import look
    from bot.policy.hedge.choice import CONTRACTS, cheapest, funding_measures, unlisted_kinds
    from bot.policy.hedge.choice import compare as compare_hedges
    from bot.report.envelope import envelope
    from bot.report.hedge_page import hedges_json, show_hedges
    from bot.report.screen import screen

    async with looking(chosen, frozenset(CONTRACTS)) as parts:
        policy, snapshot = parts.policy, await look(parts)
        need = _need(policy, snapshot, asset, sizes)
        readings = await look_back(parts, snapshot, funding_measures(need.asset, policy.quote))
    found = compare_hedges(policy, snapshot, readings, need)
    pick = cheapest(found, CONTRACTS)
    missing = unlisted_kinds(policy, snapshot, need.asset)
    if as_json:
        typer.echo(envelope("hedge", hedges_json(found, need, quote=policy.quote, pick=pick, unlisted=missing)))
    else:
        show_hedges(found, need, screen(), quote=policy.quote, pick=pick, unlisted=missing)
    return ExitCode.DONE


def _need(
    policy: "Policy", snapshot: "Snapshot", asset: str | None, sizes: tuple[Decimal | None, Decimal | None]
) -> "HedgeNeed":
    """Return what is compared: what was asked for, the core's largest coin, its coins, the policy's horizon."""
    from bot.policy.exposure import measure_exposure
    from bot.policy.hedge.choice import HedgeNeed

    name = (asset or max(policy.core.assets, key=lambda one: policy.core.assets[one])).strip().upper()
    if f"{name}/{policy.quote}" not in snapshot.quotes:
        listed = sorted({one.base for one in snapshot.instruments.values() if one.quote == policy.quote})
        raise SettingsRefused(
            f"--asset {name[:40]!r}: there is no market for it in {policy.quote}",
            mend=f"one of {', '.join(listed)}",
        )
    coins, days = sizes
    if coins is None:
        held = measure_exposure(snapshot, policy).assets.get(name)
        coins = held.core_coins if held is not None and held.core_coins > 0 else Decimal(1)
    return HedgeNeed(
        asset=name, coins=coins, horizon_days=days or (policy.hedge.horizon_days if policy.hedge else Decimal(30))
    )
