"""carry scan: what spot bought and a contract sold would earn."""

from typing import TYPE_CHECKING

import typer

from bot.cli import options
from bot.cli.exits import ExitCode
from bot.cli.options import Account, Begin, Home, Json, PolicyPath, Recorded, Seed

if TYPE_CHECKING:
    from bot.domain.policy import Policy
    from bot.domain.rules import CarryRules
    from bot.settings import Settings

SCAN_HELP = """Show what each pair of spot and a short contract would earn, and why it is not entered.

Example: poise carry scan --policy policies/balanced.toml
"""


def scan(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    seed: Seed = None,
    data: Recorded = None,
    begin: Begin = None,
    as_json: Json = False,
) -> int:
    """Scan for carry."""
    chosen = options.settings(home, policy, seed=seed, recorded=data, begin=begin, account=account)
    return options.finished(_scan(chosen, as_json=as_json))


async def _scan(chosen: "Settings", *, as_json: bool) -> int:
    from dataclasses import replace

    from bot.app import looking
    from bot.cli.observing import look_back
    from bot.planning import look
    from bot.policy.carry.scan import carry_measures, scan_within, unlisted
    from bot.policy.hedge.choice import CONTRACTS
    from bot.report.carry_page import carry_json, show_carry
    from bot.report.envelope import envelope
    from bot.report.screen import screen

    async with looking(chosen, frozenset(CONTRACTS)) as parts:
        policy, own = parts.policy, parts.policy.carry is not None
        rules = policy.carry or usual_rules(policy)
        snapshot = await look(parts)
        readings = await look_back(parts, snapshot, carry_measures(replace(policy, carry=rules)))
    found = scan_within(policy, rules, snapshot, readings)
    missing = unlisted(policy.quote, rules, snapshot)
    if as_json:
        typer.echo(envelope("carry", carry_json(found, missing, rules, quote=policy.quote, own=own)))
    else:
        show_carry(found, missing, rules, screen(), quote=policy.quote, own=own)
    return ExitCode.DONE


def usual_rules(policy: "Policy") -> "CarryRules":
    """Return the rules a policy without carry is scanned by: QUANT 9's, for the coins of its core."""
    from decimal import Decimal

    from bot.domain.rules import CarryRules
    from bot.policy.hedge.choice import CONTRACTS

    return CarryRules(
        budget=Decimal(0),  # nothing is entered by a scan
        assets=tuple(policy.core.assets),
        kinds=CONTRACTS,
        enter_apr=Decimal("0.06"),
        leave_apr=Decimal("0.02"),
        min_days=Decimal(10),
        horizon_days=Decimal(30),
        funding_days=30,
        min_paid_share=Decimal("0.7"),
        leverage=Decimal(2),
    )
