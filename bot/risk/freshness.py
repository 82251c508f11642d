"""Is a saved plan still true? What moved between the plan and now, each difference with both values (I28)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OpenOrder, OrderRequest
from bot.domain.plan import Breach, Plan
from bot.domain.policy import Limits
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.risk.checks.control import percent, plain

STALE = "RC24"


def stale(
    planned: Snapshot, now: Snapshot, plan: Plan, limits: Limits, *, at: datetime | None = None
) -> tuple[Breach, ...]:
    """Return every difference that forbids applying a plan; nothing when it may be applied.

    `planned` is the snapshot the plan was made from, `now` a new one, `at` this moment where that is
    later. RC24: account, time to live, epoch, balances, positions, open orders, and the rules and
    prices of the markets the plan trades in. RC23: the age of the new snapshot. Does not raise on a
    price that is missing: unknown is no.
    """
    at = now.taken_at if at is None else at
    found = [*_account(planned, now), *_ages(planned, now, at, limits)]
    if planned.epoch != now.epoch:
        found.append(_changed("epoch", "account events", planned.epoch, now.epoch))
    found.extend(_balances(planned.balances, now.balances))
    found.extend(_positions(planned.positions, now.positions))
    found.extend(_open_orders(planned.open_orders, now.open_orders))
    for symbol in _symbols(plan):
        found.extend(_rules(symbol, planned.instruments.get(symbol), now.instruments.get(symbol)))
        found.extend(_price(symbol, planned, now, limits))
    return tuple(found)


def _symbols(plan: Plan) -> list[str]:
    """Return the markets a plan trades in, in order of name."""
    return sorted({leg.symbol for one in plan.proposals for leg in one.legs if isinstance(leg, OrderRequest)})


def _changed(limit: str, subject: str, was: object, now: object) -> Breach:
    return Breach(code=STALE, limit=limit, allowed=f"{subject} {was}", actual=f"{subject} changed {was} -> {now}")


def _account(planned: Snapshot, now: Snapshot) -> Iterator[Breach]:
    was, found = f"{planned.venue}/{planned.account}", f"{now.venue}/{now.account}"
    if was != found:
        yield _changed("account", "account", was, found)


def _ages(planned: Snapshot, now: Snapshot, at: datetime, limits: Limits) -> Iterator[Breach]:
    """Yield what is too old: the plan (RC24), the new snapshot (RC23)."""
    yield from _too_old(STALE, "plan_ttl_seconds", at - planned.taken_at, limits.plan_ttl_seconds)
    yield from _too_old("RC23", "max_snapshot_age_seconds", at - now.taken_at, limits.max_snapshot_age_seconds)


def _too_old(code: str, limit: str, age: timedelta, allowed: Decimal) -> Iterator[Breach]:
    seconds = Decimal(age // timedelta(milliseconds=1)) / 1000
    if not 0 <= seconds <= allowed:
        yield Breach(code=code, limit=limit, allowed=f"0 to {plain(allowed)} s", actual=f"{seconds:.1f} s old")


def _balances(planned: Iterable[Balance], now: Iterable[Balance]) -> Iterator[Breach]:
    """Yield each coin whose total or free amount in a wallet is another."""
    was, found = _held(planned), _held(now)
    for key in sorted({*was, *found}):
        wallet, asset = key
        nothing = (Decimal(0), Decimal(0))
        (total, free), (new_total, new_free) = was.get(key, nothing), found.get(key, nothing)
        name = f"{asset} balance" if wallet == "spot" else f"{asset} balance ({wallet})"
        if total != new_total:
            yield _changed("balances", name, plain(total), plain(new_total))
        elif free != new_free:
            yield _changed("balances", f"{name} free", plain(free), plain(new_free))


def _held(balances: Iterable[Balance]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    held: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for balance in balances:
        key = (balance.wallet.value, balance.asset)
        total, free = held.get(key, (Decimal(0), Decimal(0)))
        held[key] = (total + balance.total, free + balance.free)
    return held


def _positions(planned: Mapping[str, Position], now: Mapping[str, Position]) -> Iterator[Breach]:
    for symbol in sorted({*planned, *now}):
        was, found = _position(planned.get(symbol)), _position(now.get(symbol))
        if was != found:
            yield _changed("positions", f"{symbol} position", was, found)


def _position(position: Position | None) -> str:
    """Return what counts of a position as text: contracts, margin mode, leverage setting."""
    if position is None:
        return "0"
    return f"{plain(position.quantity)} {position.margin_mode} {plain(position.leverage)}x"


def _open_orders(planned: Iterable[OpenOrder], now: Iterable[OpenOrder]) -> Iterator[Breach]:
    was = {order.client_order_id: _order(order) for order in planned}
    found = {order.client_order_id: _order(order) for order in now}
    for name in sorted({*was, *found}):
        before, after = was.get(name, "none"), found.get(name, "none")
        if before != after:
            yield _changed("open orders", f"order {name}", before, after)


def _order(order: OpenOrder) -> str:
    reduce = " reduce-only" if order.reduce_only else ""
    return f"{order.side} {plain(order.remaining)} {order.symbol} at {plain(order.price)}{reduce}"


def _rules(symbol: str, planned: Instrument | None, now: Instrument | None) -> Iterator[Breach]:
    """Yield each rule of an instrument that is another now."""
    if planned is None or now is None:
        if planned is not now:
            words = ["listed" if one is not None else "not listed" for one in (planned, now)]
            yield _changed("instrument rules", symbol, *words)
        return
    for field in fields(planned):
        was, found = getattr(planned, field.name), getattr(now, field.name)
        if was != found:
            yield _changed("instrument rules", f"{symbol} {field.name}", was, found)


def _price(symbol: str, planned: Snapshot, now: Snapshot, limits: Limits) -> Iterator[Breach]:
    """Yield a breach when mid or mark moved further than max_plan_price_drift, or is not known."""
    was, found = planned.quotes.get(symbol), now.quotes.get(symbol)
    name, allowed = "max_plan_price_drift", percent(limits.max_plan_price_drift)
    if was is None or found is None:
        yield Breach(code=STALE, limit=name, allowed=allowed, actual=f"{symbol} has no quote to compare")
        return
    drift = abs(found.valuation / was.valuation - 1)
    if drift > limits.max_plan_price_drift:
        prices = f"{plain(was.valuation)} -> {plain(found.valuation)}"
        yield Breach(code=STALE, limit=name, allowed=allowed, actual=f"{symbol} moved {percent(drift)}, {prices}")
