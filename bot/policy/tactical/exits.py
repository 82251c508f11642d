"""When a tactical position is left, the stop that guards it meanwhile, and how long its rule rests afterwards."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.memory import Memory
from bot.domain.numbers import ONE, down_to_step
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.rules import TacticalRule
from bot.domain.sleeves import Rest
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import contract_mark
from bot.policy.plan.wants import StopWish, Want
from bot.policy.tactical.signals import Signal, side_of
from bot.policy.tactical.wall import Held, cost_rate, stop_trigger

SECONDS_AN_HOUR = 3600


def held_claims(policy: Policy, snapshot: Snapshot, memory: Memory) -> tuple[Held, ...]:
    """Return the overlay's claims at their marks, with their rules; those of a contract not listed any more left out.

    Raises SnapshotUnavailable when one has no mark: a position that cannot be valued can be neither kept nor left.
    """
    rules = {rule.name: rule for rule in policy.tactical.rules} if policy.tactical else {}
    return tuple(
        Held(
            claim=claim,
            rule=rules.get(claim.rule),
            instrument=snapshot.instruments[claim.symbol],
            mark=contract_mark(snapshot, claim.symbol),
            rate=cost_rate(snapshot.instruments[claim.symbol], policy.limits),
        )
        for claim in memory.sleeves.claims
        if claim.sleeve is Sleeve.TACTICAL and claim.symbol in snapshot.instruments
    )


def is_dust(held: Held) -> bool:
    """Whether a claim is smaller than one step, so that no order can end it and it stands in nobody's way."""
    return not _whole(held)


def _whole(held: Held) -> Decimal:
    return down_to_step(held.claim.quantity, held.instrument.step)


def why_leave(held: Held, signal: Signal | None, at: datetime) -> str:
    """Return why a position is left now, empty while it is kept.

    In this order: its rule is gone or turned round, the mark crossed the stop, the profit is taken, it has
    expired, its signal is off. A signal that cannot be read (None) closes nothing: the stop and the expiry do.
    """
    rule = held.rule
    if rule is None:
        return f"the policy has no tactical rule {held.claim.rule}"
    if side_of(rule).sign != held.side:
        return f"{rule.name} now enters on the other side"
    return _price_reached(held, rule) or _time_is_up(held, rule, at) or _signal_off(rule, signal)


def is_stopped(held: Held, rule: TacticalRule) -> bool:
    """Whether the mark has reached the stop."""
    return (held.mark - stop_trigger(held, rule)) * held.side <= 0


def _price_reached(held: Held, rule: TacticalRule) -> str:
    mark, entry = held.mark.normalize(), held.claim.entry.normalize()
    if is_stopped(held, rule):
        return f"{rule.name}: the mark {mark:f} reached the stop {stop_trigger(held, rule).normalize():f}"
    if rule.take_profit is None or (held.mark - entry * (ONE + held.side * rule.take_profit)) * held.side < 0:
        return ""
    return f"{rule.name}: the mark {mark:f} took the profit of {rule.take_profit * 100:.1f}% on {entry:f}"


def _time_is_up(held: Held, rule: TacticalRule, at: datetime) -> str:
    expired = at - held.claim.opened_at >= _hours(rule.expiry_hours)
    return f"{rule.name}: held for {rule.expiry_hours.normalize():f} h, as long as it may be" if expired else ""


def _signal_off(rule: TacticalRule, signal: Signal | None) -> str:
    return f"{rule.name}: its signal is off, {signal.text}" if signal is not None and signal.stays is False else ""


def leaving_want(held: Held, reason: str) -> Want:
    """Return the wish to trade away a whole claim; never put off for money or cool-downs."""
    return Want(
        sleeve=Sleeve.TACTICAL,
        rule=held.claim.rule,
        asset=held.instrument.base,
        symbol=held.claim.symbol,
        quantity=-_whole(held),
        reason=reason,
        leaves=True,
    )


def wanted_stops(held: tuple[Held, ...]) -> Iterator[StopWish]:
    """Yield the stop that should rest at the venue for every claim, of the whole claim.

    A claim whose stop is reached has none: it is left now, and no venue takes a stop the mark has passed.
    """
    for one in held:
        if one.rule is not None and not is_dust(one) and not is_stopped(one, one.rule):
            yield StopWish(
                rule=one.claim.rule,
                asset=one.instrument.base,
                symbol=one.claim.symbol,
                quantity=-_whole(one),
                trigger=stop_trigger(one, one.rule),
            )


def rest_after(rule: TacticalRule, left_at: datetime) -> Rest:
    """Return the rest of a rule whose position was left, by its wish or by a stop at the venue.

    Its cool-down, and never less than the bar it was left in: what was left on a bar is not entered on it again.
    """
    bar = timedelta(hours=rule.bar_hours)
    midnight = left_at.replace(hour=0, minute=0, second=0, microsecond=0)
    next_close = midnight + ((left_at - midnight) // bar + 1) * bar
    return Rest(rule=rule.name, until=max(left_at + _hours(rule.cooldown_hours), next_close))


def _hours(hours: Decimal) -> timedelta:
    return timedelta(seconds=int(hours * SECONDS_AN_HOUR))
