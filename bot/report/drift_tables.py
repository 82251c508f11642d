"""The book as a cycle saw it: coins, values and deltas, and each against its target and width."""

from rich.console import Console

from bot.domain.policy import Policy
from bot.domain.record import CycleRecord
from bot.report.figures import change, coins, money, move, percent, points
from bot.report.screen import Column, Row, put, put_table

EXPOSURE_COLUMNS = (
    Column(head="Exposure", clip=True),
    Column(head="Price", right=True),
    Column(head="Core coins", right=True),
    Column(head="Core value", right=True),
    Column(head="Contracts", right=True),
    Column(head="Delta, coins", right=True),
)
DRIFT_COLUMNS = (
    Column(head="Drift", clip=True),
    Column(head="Now", right=True),
    Column(head="Target", right=True),
    Column(head="Drift", right=True),
    Column(head="Allowed", right=True),
    Column(head="", clip=True),
)


def show_exposure(record: CycleRecord, policy: Policy, console: Console, *, only: str = "") -> None:
    """Print what is held of each asset and what the account is worth, in quote currency and coins."""
    exposure, quote = record.decision.exposure, policy.quote
    rows = [
        Row(
            cells=(
                held.asset,
                coins(held.price, digits=10),
                coins(held.core_coins),
                money(held.core_value),
                coins(held.contract_coins),
                coins(held.delta_coins),
            )
        )
        for asset, held in exposure.assets.items()
        if not only or asset == only
    ]
    put_table(console, EXPOSURE_COLUMNS, rows)
    put(
        console,
        f"Core {money(exposure.core_value)} + reserve {money(exposure.reserve_value)} "
        f"+ futures wallet {money(exposure.futures_equity)} {quote}",
    )


def show_drift(record: CycleRecord, policy: Policy, console: Console, *, only: str = "") -> None:
    """Print each asset's share of the core against target and half-width, and each hedge against its band."""
    decision, band = record.decision, policy.core.band
    rows = [
        Row(
            cells=(
                "CORE of equity",
                percent(decision.exposure.core_share),
                percent(band.target),
                move(decision.drift.core),
                f"{percent(band.low, 0)} to {percent(band.high, 0)}",
                _verdict(outside=decision.drift.core_outside),
            )
        )
    ]
    for asset, drift in decision.drift.assets.items():
        if only and asset != only:
            continue
        target = decision.targets.assets[asset]
        rows.append(
            Row(
                cells=(
                    f"{asset} of core",
                    percent(drift.share),
                    percent(target.share),
                    move(drift.drift),
                    f"± {points(target.half_width)}",
                    _verdict(outside=drift.outside),
                )
            )
        )
        if policy.hedge is None:
            continue
        value = drift.hedge_drift * decision.exposure.assets[asset].price
        rows.append(
            Row(
                cells=(
                    f"{asset} short",
                    percent(drift.hedge_ratio),
                    percent(target.hedge_ratio.target),
                    f"{change(value)} {policy.quote}",
                    f"± {money(policy.hedge.outer * decision.exposure.equity)}",
                    _verdict(outside=drift.hedge_outside),
                )
            )
        )
    put_table(console, DRIFT_COLUMNS, rows)


def _verdict(*, outside: bool) -> str:
    return "outside: back" if outside else "inside: kept"
