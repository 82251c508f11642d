"""Policy, snapshot and memory in; a Decision out. Pure: the preview is the run, and a replay is both."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.domain.book import Drift, Exposure, Targets
from bot.domain.instrument import WalletKind
from bot.domain.memory import Memory
from bot.domain.numbers import ZERO
from bot.domain.order import TransferRequest
from bot.domain.plan import Decision
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot, Wallets
from bot.policy.drift import measure_drift
from bot.policy.exposure import measure_exposure
from bot.policy.gather import gather_wishes
from bot.policy.hedge.markets import has_margin, hedge_kinds
from bot.policy.hedge.rally import rally_advice
from bot.policy.hedge.thin_margin import margin_warnings
from bot.policy.plan.planner import draft_plan
from bot.policy.plan.wants import TransferWish
from bot.policy.plan.wishes import SleeveWishes
from bot.policy.pool import divided
from bot.policy.targets import ratio_notes, set_targets
from bot.risk.figures import figures
from bot.risk.gate import review

if TYPE_CHECKING:
    from bot.policy.sweep import Sweep


def decide(policy: Policy, snapshot: Snapshot, memory: Memory) -> Decision:
    """Return what to do about the book and why; nothing here reads a clock, a file or a venue.

    Raises SnapshotUnavailable when the book cannot be valued.
    """
    snapshot = divided(snapshot, policy)
    exposure = measure_exposure(snapshot, policy, memory.sleeves.claims)
    targets = set_targets(policy, exposure, snapshot, memory)
    drift = measure_drift(policy, exposure, targets)
    wishes = gather_wishes(policy, exposure, targets, snapshot, memory)
    wishes = _advised(_swept(wishes, policy, exposure, snapshot, memory), policy, exposure, snapshot, memory)
    plan = draft_plan(policy, exposure, targets, snapshot, memory, wishes)
    return Decision(
        policy=policy.name,
        at=snapshot.taken_at,
        exposure=exposure,
        targets=targets,
        drift=drift,
        plan=plan,
        verdict=review(plan, snapshot, policy, memory),
        notes=(
            *_notes(policy, exposure, drift, targets),
            *_unmargined(policy, snapshot),
            *wishes.notes,
            *margin_warnings(policy),
            *ratio_notes(policy, snapshot, memory),
        ),
    )


def _swept(
    wishes: SleeveWishes, policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    """Return the wishes with the profit sweep, which needs to know what the wallet survives without the money."""
    if policy.sweep is None or snapshot.wallets is Wallets.POOLED:  # in one purse there is nothing to sweep
        return wishes
    from bot.policy.sweep import wanted_sweep  # noqa: PLC0415 - loaded where it is used

    free = sum((b.free for b in snapshot.balances if _is_margin(b.wallet) and b.asset == policy.quote), ZERO)
    by_hand = policy.sweep.advise_only or snapshot.wallets is Wallets.APART
    found = wanted_sweep(
        replace(policy.sweep, advise_only=by_hand),
        settled=memory.sleeves.settled,
        equity=exposure.account_equity,
        futures_free=free,
        swept_today=memory.transferred,
        survival_after=_survival(policy, snapshot),
    )
    said = (found.advice,) if found.advice else ()
    return replace(wishes, sweep=_sweep_wish(policy, found), advice=(*wishes.advice, *said))


def _is_margin(wallet: WalletKind) -> bool:
    return wallet is WalletKind.LINEAR


def _sweep_wish(policy: Policy, found: "Sweep") -> TransferWish | None:
    """Return the transfer of a sweep; None where there is none, or a person is to make it."""
    if not found.amount or found.advice or policy.sweep is None:
        return None
    leg = TransferRequest(
        asset=policy.quote,
        amount=found.amount,
        source=WalletKind.LINEAR,
        target=WalletKind.SPOT,
        sleeve=policy.sweep.to,
    )
    return TransferWish(leg=leg, reason=found.reason, value=found.amount)


def _survival(policy: Policy, snapshot: Snapshot) -> Callable[[Decimal], Decimal | None]:
    """Return what joint rise the futures wallets survive once an amount has left the linear one."""

    def survives(amount: Decimal) -> Decimal | None:
        without = (
            replace(b, free=b.free - amount) if _is_margin(b.wallet) and b.asset == policy.quote else b
            for b in snapshot.balances
        )
        return figures(replace(snapshot, balances=tuple(without)), policy).survives_rally

    return survives


def _advised(
    wishes: SleeveWishes, policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    """Return the wishes with what a person should know of a hedge that a rally has hurt."""
    if policy.hedge is None or not snapshot.positions:
        return wishes
    found = rally_advice(
        policy,
        snapshot,
        memory.sleeves.claims,
        equity=exposure.account_equity,
        survives=lambda: figures(snapshot, policy).survives_rally,
    )
    return replace(wishes, advice=(*wishes.advice, found)) if found else wishes


def _unmargined(policy: Policy, snapshot: Snapshot) -> tuple[str, ...]:
    """Return which contracts the policy hedges with and this account has no margin for."""
    left_out = [kind for kind in hedge_kinds(policy) if not has_margin(snapshot, kind)]
    words = "are margined in coins, which one purse does not set aside: nothing is hedged with them"
    return (f"{' and '.join(left_out)} contracts {words}",) if left_out else ()


def _notes(policy: Policy, exposure: Exposure, drift: Drift, targets: Targets) -> tuple[str, ...]:
    """Return what a person should know although no order says it."""
    notes = [f"{asset} is held and has no price in {policy.quote}: not counted" for asset in exposure.unpriced]
    if exposure.reserve_value < targets.reserve_minimum:
        short = f"{exposure.reserve_value:.2f} of {targets.reserve_minimum:.2f} {policy.quote}"
        notes.append(f"the reserve is below its minimum ({short}): no purchases")
    strangers = sorted(set(exposure.assets) - set(drift.assets))
    notes.extend(f"{asset} is held and is not in the policy: counted, never traded" for asset in strangers)
    return tuple(notes)
