"""Books of any size to decide on: every asset a little off its target, a short on each, most bands left alone."""

from decimal import Decimal
from random import Random

from bot.domain.memory import Memory
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from tests.builders import a_memory, a_policy, a_short, a_snapshot, d


def a_book(assets: int, seed: int) -> tuple[Policy, Snapshot, Memory]:
    """Return policy, snapshot and memory of `assets` equal shares; about a third have left their band."""
    chance = Random(seed)
    names = [f"A{i:04d}" for i in range(assets)]
    share = (Decimal(1) / assets).quantize(d("1e-12"))
    shares = dict.fromkeys(names, share)
    shares[names[-1]] = 1 - share * (assets - 1)
    prices = {name: d(chance.randint(1, 900)) for name in names}
    value = d(1_000_000) * assets * d("0.7")
    spot = {
        name: (value * shares[name] * d(chance.randint(60, 140)) / 100 / prices[name]).quantize(d("1e-5"))
        for name in names
    }
    shorts = tuple(
        a_short(name, (spot[name] * d(chance.randint(8, 22)) / 100).quantize(d("0.001")), entry=prices[name])
        for name in names
    )
    snapshot = a_snapshot(
        spot={**spot, "USDT": d(250_000) * assets},
        price=prices,
        futures_usdt=d(50_000) * assets,
        shorts=shorts,
    )
    rules = {"half_widths": dict.fromkeys(names, share * d("0.3"))}
    return a_policy(assets=shares, rules=rules), snapshot, a_memory()
