"""The tactical overlay: rules enter when their signal says so, leave without delay, and never reach the core."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.domain.memory import Memory
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.domain.policy import Policy
from bot.domain.reading import value_of
from bot.domain.rules import TacticalRule, TacticalRules
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot
from bot.policy.hedge.markets import has_margin
from bot.policy.plan.wants import StopWish, Want
from bot.policy.tactical.exits import held_claims, is_dust, leaving_want, wanted_stops, why_leave
from bot.policy.tactical.signals import Signal, read_signal, side_of, tactical_symbol, volatility_measure
from bot.policy.tactical.size import Room, Size, stop_against_liquidation, tactical_size
from bot.policy.tactical.wall import Held, beyond_the_wall, cost_rate

OFF = TacticalRules(budget=ZERO, shock=ZERO, max_notional=ZERO, rules=())


@dataclass(frozen=True, slots=True, kw_only=True)
class TacticalWishes:
    """What the overlay wants: trades, those that leave first; stops to rest at the venue; and what it only says.

    `entry_stops` guard the positions that the trades open: each goes with its entry, as far as that is filled.
    """

    wants: tuple[Want, ...]
    stops: tuple[StopWish, ...]
    advice: tuple[Advice, ...]
    entry_stops: tuple[StopWish, ...] = ()


@dataclass(slots=True)
class _Look:
    """One look at the overlay while its wishes are being written; amounts in quote currency."""

    policy: Policy
    rules: TacticalRules
    snapshot: Snapshot
    memory: Memory
    equity: Decimal
    held: tuple[Held, ...]
    wall: Decimal
    reserved: Decimal
    notional: Decimal
    wants: list[Want] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)
    opened: list[Held] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """What the overlay may still lose: its budget less what is lost, open losses and their costs counted."""
        return self.wall - sum((one.loss for one in self.held), ZERO)

    def say(self, rule: TacticalRule, text: str, value: Decimal | None = None) -> None:
        """Say something of a rule that does not trade."""
        self.advice.append(Advice(sleeve=Sleeve.TACTICAL, subject=rule.name, text=f"{rule.name}: {text}", value=value))


def wanted_tactical(policy: Policy, snapshot: Snapshot, memory: Memory, equity: Decimal) -> TacticalWishes:
    """Return what the overlay wants; nothing without claims and rules. `equity` in quote currency.

    The wall is budget × equity less what closed trades lost (their profits do not widen it). Positions are
    left at their stop, profit, expiry or the end of their signal, and when a shock could carry them through
    the wall. A rule enters when its signal says so, it holds nothing, does not rest, and its size is known.
    Raises SnapshotUnavailable when a contract held has no mark.
    """
    look = _looked(policy, snapshot, memory, equity)
    _leave(look)
    if look.rules.rules:
        _enter(look)
    return TacticalWishes(
        wants=tuple(look.wants),
        stops=tuple(wanted_stops(look.held)),
        advice=tuple(look.advice),
        entry_stops=tuple(wanted_stops(tuple(look.opened))),
    )


def _looked(policy: Policy, snapshot: Snapshot, memory: Memory, equity: Decimal) -> _Look:
    rules = policy.tactical or OFF
    held = held_claims(policy, snapshot, memory)
    return _Look(
        policy=policy,
        rules=rules,
        snapshot=snapshot,
        memory=memory,
        equity=equity,
        held=held,
        wall=rules.budget * equity + min(memory.sleeves.tactical_result, ZERO),
        reserved=sum((one.reserved(rules.shock) for one in held), ZERO),
        notional=sum((one.notional for one in held), ZERO),
    )


def _signal(look: _Look, rule: TacticalRule) -> Signal:
    return read_signal(rule, look.memory.readings, look.policy.quote)


def _leave(look: _Look) -> None:
    """Wish away what its own rule leaves, and then what the wall has no room for."""
    staying, leaving = list[Held](), list[tuple[Held, str]]()
    for one in look.held:
        signal = _signal(look, one.rule) if one.rule else None
        if reason := why_leave(one, signal, look.snapshot.taken_at):
            leaving.append((one, reason))
            continue
        staying.append(one)
        if one.rule and signal and signal.stays is None:
            look.say(one.rule, f"kept by its stop and expiry alone, {signal.text}")
    closed = beyond_the_wall(staying, [one for one, _ in leaving], wall=look.wall, shock=look.rules.shock)
    wall = (
        f"a move of {look.rules.shock * 100:.0f}% could carry the overlay through its wall, "
        f"{look.left:.2f} {look.policy.quote} are left of it"
    )
    leaving.extend((one, wall) for one in closed)
    look.wants.extend(leaving_want(one, reason) for one, reason in leaving if not is_dust(one))


def _enter(look: _Look) -> None:
    if look.left <= 0:
        look.advice.append(_used_up(look))
    for rule in look.rules.rules:
        signal = _signal(look, rule)
        if rule.alert_only:
            _alert(look, rule, signal)
        elif look.left > 0 and _may_enter(look, rule):
            _enter_on(look, rule, signal)


def _used_up(look: _Look) -> Advice:
    quote, lost = look.policy.quote, -min(look.memory.sleeves.tactical_result, ZERO)
    text = (
        f"the overlay has used up its budget of {look.rules.budget * look.equity:.2f} {quote}: {lost:.2f} lost by "
        f"closed trades, {look.wall - look.left:.2f} by open ones; all is closed and nothing is opened"
    )
    return Advice(sleeve=Sleeve.TACTICAL, subject="budget", text=text, value=look.left)


def _alert(look: _Look, rule: TacticalRule, signal: Signal) -> None:
    if signal.enters is None:
        look.say(rule, signal.text)
    elif signal.enters:
        look.say(rule, f"alert, nothing is traded: {signal.text}")


def _may_enter(look: _Look, rule: TacticalRule) -> bool:
    """Whether a rule holds nothing and does not rest."""
    holds = any(one.claim.rule == rule.name and not is_dust(one) for one in look.held)
    now = look.snapshot.taken_at
    return not holds and not any(rest.rule == rule.name and now < rest.until for rest in look.memory.sleeves.rests)


def _enter_on(look: _Look, rule: TacticalRule, signal: Signal) -> None:
    if signal.enters is None:
        look.say(rule, f"nothing is entered, {signal.text}")
    elif signal.enters:
        room = _room(look, rule)
        if isinstance(room, str):
            look.say(rule, f"nothing is entered, {room} ({signal.text})")
        else:
            _open(look, rule, signal, room)


def _room(look: _Look, rule: TacticalRule) -> Room | str:
    """Return what a new position may use, or which number is missing: what is unknown is not traded on."""
    symbol = tactical_symbol(rule, look.policy.quote)
    instrument, quote = look.snapshot.instruments.get(symbol), look.snapshot.quotes.get(symbol)
    if instrument is None or quote is None or quote.mark is None:
        return f"{symbol} is not listed with a mark price"
    if not has_margin(look.snapshot, instrument.kind):
        return f"{symbol} is margined in coins, which one purse does not set aside"
    volatility = value_of(look.memory.readings, volatility_measure(rule))
    if volatility is None:
        return f"the volatility of {rule.asset} is unavailable"
    limits = look.policy.limits
    return Room(
        equity=look.equity,
        wall=look.wall - look.reserved,
        notional=look.rules.max_notional * look.equity - look.notional,
        mark=quote.mark,
        reach=min(limits.max_slippage, limits.price_collar),
        rate=cost_rate(instrument, limits),
        volatility=volatility,
    )


def _open(look: _Look, rule: TacticalRule, signal: Signal, room: Room) -> None:
    symbol = tactical_symbol(rule, look.policy.quote)
    instrument = look.snapshot.instruments[symbol]
    size = tactical_size(rule, look.rules, instrument, room)
    if not instrument.tradable(size.quantity, room.mark):
        what = f"{size.quantity:f} of {symbol} is below what the venue takes"
        look.say(rule, f"nothing is entered, {what}: {size.bound} ({signal.text})")
        return
    fits, liquidation = stop_against_liquidation(instrument, size, look.snapshot.positions.get(symbol))
    if not fits:
        look.say(rule, f"nothing is entered, {liquidation} ({signal.text})")
        return
    new = _as_if_held(look, rule, size, room)
    look.reserved += new.reserved(look.rules.shock) + new.cost_at(size.entry)
    look.notional += new.notional
    # Its stop waits at the venue before the fill is known: from the mark, the price it is expected at.
    look.opened.append(replace(new, claim=replace(new.claim, entry=room.mark)))
    reason = (
        f"{rule.name}: {signal.text}; {'long' if new.side > 0 else 'short'}, sized by {size.bound}; stop "
        f"{rule.stop * 100:.1f}% away, at most {new.loss_at(size.stop) + new.cost_at(size.entry):.2f} "
        f"{look.policy.quote} lost there; {liquidation}"
    )
    look.wants.append(
        Want(
            sleeve=Sleeve.TACTICAL,
            rule=rule.name,
            asset=rule.asset,
            symbol=symbol,
            quantity=new.claim.quantity,
            reason=reason,
            leaves=False,
        )
    )


def _as_if_held(look: _Look, rule: TacticalRule, size: Size, room: Room) -> Held:
    """Return the position that is to be opened as if it were held, so that the next rule finds less room."""
    symbol = tactical_symbol(rule, look.policy.quote)
    claim = Claim(
        sleeve=Sleeve.TACTICAL,
        rule=rule.name,
        symbol=symbol,
        quantity=size.quantity * side_of(rule).sign,
        entry=size.entry,
        opened_at=look.snapshot.taken_at,
    )
    return Held(claim=claim, rule=rule, instrument=look.snapshot.instruments[symbol], mark=room.mark, rate=room.rate)
