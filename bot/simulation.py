"""The simulated venue of a home folder: its market, its clock and its account, kept between commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Kind, WalletKind, kind_of
from bot.domain.policy import Policy
from bot.errors import SettingsRefused
from bot.policy.named import policy_coins, policy_kinds
from bot.settings import Settings, Simulation
from bot.simulator.clock import SimulatedClock
from bot.simulator.market import Market
from bot.simulator.opening import FIRST_SHARES, cash_account, first_account
from bot.simulator.saved import SavedVenue, load_venue, save_venue
from bot.simulator.venue import SimulatedVenue, VenueState

QUOTE = "USDT"
USUAL_BARS = "1h"
SYNTHETIC, RECORDED = "synthetic", "recorded"
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A simulated venue with its clock, and how to save both."""

    venue: SimulatedVenue
    clock: SimulatedClock
    save: Callable[[], None]


def _kinds_held(saved: SavedVenue | None) -> frozenset[Kind]:
    """Return the kinds of the contracts a saved account holds: it needs their prices whatever the policy trades."""
    if saved is None:
        return frozenset()
    orders = saved.state.account.open_orders.values()
    symbols = {*saved.state.account.positions, *(order.symbol for order in orders)}
    kinds = {kind_of(symbol) for symbol in symbols}
    if any(wallet is WalletKind.INVERSE and amount for (wallet, _), amount in saved.state.account.balances.items()):
        kinds.add(Kind.INVERSE_PERPETUAL)  # coins in such a wallet can be moved back only where it is listed
    return frozenset(kinds)


def _coins_held(saved: SavedVenue | None) -> tuple[str, ...]:
    """Return the coins a saved account holds, trades or is margined in: it needs their prices too."""
    if saved is None:
        return ()
    account = saved.state.account
    orders = (order.symbol for order in account.open_orders.values())
    contracts = [symbol.partition("/")[0] for symbol in (*account.positions, *orders)]
    held = [asset for (_, asset), amount in account.balances.items() if amount and asset != QUOTE]
    return tuple(dict.fromkeys([*held, *contracts]))


def open_simulation(settings: Settings, policy: Policy | None, kinds: frozenset[Kind] = frozenset()) -> Simulated:
    """Return the home's simulated venue as it was left, or a new one; `kinds` are listed besides the policy's.

    The account file says which market it lives in; a seed, folder or cash asked for that contradicts it
    raises SettingsRefused, since an account cannot change its market.
    """
    saved = load_venue(settings.account)
    asked = _described(settings.simulation)
    if saved is not None and (settings.simulation.cash is not None or settings.simulation.begin is not None):
        what = "--from" if settings.simulation.cash is None else "--cash"
        raise SettingsRefused(
            f"{settings.account} holds an account already: {what} is for a new one",
            mend="--home NEW-FOLDER begins another",
        )
    chosen = asked if saved is None else _agreed(saved.market, asked, settings)
    wanted = kinds | _kinds_held(saved) | (policy_kinds(policy) if policy else frozenset())
    coins = (*(policy_coins(policy) if policy else ()), *_coins_held(saved))
    market = _market(chosen, coins, wanted)
    state = saved.state if saved else _first_state(settings.simulation, market)
    clock = SimulatedClock(state.moment, paced=settings.simulation.paced)
    keeper = _Keeper(settings.account, chosen, known=saved is not None)
    venue = SimulatedVenue(market, clock, state, account=_name(chosen), on_change=keeper.changed)
    return Simulated(venue=venue, clock=clock, save=lambda: keeper.leave(venue.state, clock.now()))


class _Keeper:
    """Saves the account whenever an order or a transfer changed it; what time alone changes can be recomputed."""

    def __init__(self, path: Path, market: Mapping[str, str], *, known: bool) -> None:
        self._path = path
        self._market = market
        self._known = known
        self._done: object = None

    def changed(self, state: VenueState) -> None:
        """Save when something was done, a cancel too, and when an order that rested rests no more.

        What merely passed is left out: prices, funding and deliveries are reckoned again from the market.
        """
        last = state.transfers[-1].transfer_id if state.transfers else None
        done = (state.account.orders, last, frozenset(state.account.open_orders))
        if done != self._done:
            self._done = done
            self._save(state)

    def leave(self, state: VenueState, now: datetime) -> None:
        """Save where the account and its clock stand, unless the file says so already."""
        if not self._known or self._done is not None or now > state.moment:
            self._save(replace(state, moment=max(now, state.moment)))

    def _save(self, state: VenueState) -> None:
        self._known = True
        save_venue(self._path, SavedVenue(market=self._market, state=state))


def _described(simulation: Simulation) -> dict[str, str]:
    if simulation.recorded is None:
        return {"kind": SYNTHETIC, "seed": str(simulation.seed)}
    bars = {"bars": simulation.bars} if simulation.bars else {}
    return {"kind": RECORDED, "folder": str(simulation.recorded.resolve()), **bars}


def _agreed(saved: Mapping[str, str], asked: Mapping[str, str], settings: Settings) -> Mapping[str, str]:
    """Return the saved market; refuse a different one that was asked for by name."""
    wanted = settings.simulation
    same_kind = saved.get("kind") == asked["kind"]
    if wanted.recorded is not None and (not same_kind or saved.get("folder") != asked["folder"]):
        what = f"--data {wanted.recorded}"
    elif wanted.seed_given and same_kind and saved.get("seed") != asked.get("seed"):
        what = f"--seed {wanted.seed}"
    elif wanted.bars is not None and saved.get("bars", USUAL_BARS) != wanted.bars:
        what = f"--bars {wanted.bars}"
    else:
        return saved
    raise SettingsRefused(
        f"{settings.account} lives in another market than {what}", mend="--home NEW-FOLDER begins another"
    )


def _market(chosen: Mapping[str, str], coins: tuple[str, ...], kinds: frozenset[Kind]) -> Market:
    wanted = tuple(dict.fromkeys(coins))
    if chosen["kind"] == RECORDED:
        from bot.simulator.recorded import recorded_market
        from bot.simulator.recorded_wanted import Wanted

        # Linear perpetuals must be there; what else the policy may trade is listed where it was recorded.
        timeframe, stand_in = _bars(chosen.get("bars", USUAL_BARS))
        asked = Wanted(
            assets=wanted or ("BTC", "ETH"), quote=QUOTE, timeframe=timeframe, optional=kinds, spot_from=stand_in
        )
        return recorded_market(Path(chosen["folder"]), asked)
    from bot.simulator.synthetic import USUAL_KINDS, synthetic_market

    return synthetic_market(chosen["seed"], dict.fromkeys((*FIRST_SHARES, *wanted)), kinds=USUAL_KINDS | kinds)


def _bars(text: str) -> tuple[str, Kind | None]:
    """Return how long bars last, and the contract that stands for spot: 4h:linear-perpetual, or 1d and None."""
    timeframe, _, contract = text.partition(":")
    perpetuals = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)
    if contract and contract not in perpetuals:
        raise SettingsRefused(
            f"--bars {text[:40]!r} takes spot from {contract[:40]!r}, which is no perpetual",
            mend=f"--bars {timeframe}:{' or '.join(perpetuals)}",
        )
    return timeframe, Kind(contract) if contract else None


def _first_state(simulation: Simulation, market: Market) -> VenueState:
    """Return a new account where the market begins, or at the moment asked for."""
    begin = simulation.begin or (FIRST_MOMENT if simulation.recorded is None else market.start)
    moment = max(market.start, begin)
    if simulation.cash:
        return VenueState(account=cash_account(QUOTE, simulation.cash), moment=moment)
    return VenueState(account=first_account(market, moment, shares=_first_shares(market)), moment=moment)


def _first_shares(market: Market) -> Mapping[str, Decimal]:
    """Return the demonstration book's shares of the coins the market has; equal ones where it has none of those."""
    coins = [one.base for one in market.instruments.values() if one.kind.is_spot]
    known = {coin: share for coin, share in FIRST_SHARES.items() if coin in coins} or dict.fromkeys(coins, Decimal(1))
    whole = sum(known.values())
    return {coin: share / whole for coin, share in known.items()}


def _name(chosen: Mapping[str, str]) -> str:
    return f"sim-{chosen['seed']}" if chosen["kind"] == SYNTHETIC else "sim-recorded"
