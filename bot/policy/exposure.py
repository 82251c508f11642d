"""Where the book is: every wallet, coin and contract of a snapshot as one exposure."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.book import AssetExposure, Exposure
from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.errors import SnapshotUnavailable


@dataclass(slots=True)
class _Tally:
    """Coins per asset while they are being counted; `profits` are unrealised coins of coin-margined contracts."""

    spot: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    margin: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    profits: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    contracts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    carry_spot: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    carry: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    tactical: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    reserve: Decimal = ZERO
    spendable: Decimal = ZERO
    futures: Decimal = ZERO
    gross: Decimal = ZERO
    unpriced: list[str] = field(default_factory=list)


def spot_price(snapshot: Snapshot, asset: str, quote: str) -> Decimal | None:
    """Return the mid price of `asset` in `quote`; 1 for the quote itself, None where there is no market."""
    if asset == quote:
        return ONE
    market = snapshot.quotes.get(f"{asset}/{quote}")
    return None if market is None else market.mid


def contract_mark(snapshot: Snapshot, symbol: str) -> Decimal:
    """Return the mark price of a contract; raise SnapshotUnavailable when it has none."""
    market = snapshot.quotes.get(symbol)
    if market is None or market.mark is None:
        raise SnapshotUnavailable(f"{symbol} is held and has no mark price", part=f"{symbol} mark")
    return market.mark


def delta_coins(instrument: Instrument, quantity: Decimal, entry: Decimal, mark: Decimal) -> Decimal:
    """Return the signed coins of exposure of contracts held since `entry`, at the mark.

    A coin-margined contract's unrealised profit is coins too: q × face / mark + q × face × (1/entry − 1/mark)
    = q × face / entry, so that a held position's coins do not move with price (QUANT 2.4).
    """
    return instrument.coins(quantity, entry if instrument.kind.is_inverse else mark)


def measure_exposure(snapshot: Snapshot, policy: Policy, claims: tuple[Claim, ...] = ()) -> Exposure:
    """Return the book of `snapshot` in the policy's quote currency.

    What carry and tactical claim is theirs, as far as it is held; the rest is core and hedge. Raises
    SnapshotUnavailable when a core asset or a held contract has no price, or equity is not above zero.
    Delta counts coin-margined equity, unrealised profit included (QUANT 2.4).
    """
    tally = _Tally()
    for balance in sorted(snapshot.balances, key=lambda one: (one.wallet, one.asset, one.free, one.locked)):
        _count_balance(tally, balance, snapshot, policy)
    for _, position in sorted(snapshot.positions.items()):  # sums of rounded numbers depend on their order
        _count_position(tally, position, snapshot)
    _count_claims(tally, snapshot, claims)
    assets = _assets(tally, snapshot, policy)
    elsewhere = sum((a.elsewhere_coins * a.price for a in assets.values()), ZERO)
    coins = sum((a.core_value + a.carry_coins * a.price for a in assets.values()), ZERO)
    equity = coins + _coin_profits(tally, assets) + tally.reserve + tally.futures
    if equity - elsewhere <= 0:
        raise SnapshotUnavailable(
            f"the account's equity is {equity - elsewhere} {policy.quote}: there is nothing to balance",
            part="equity",
            mend="fund the account, or look whether the right one is connected",
        )
    return Exposure(
        equity=equity,
        account_equity=equity - elsewhere,
        core_value=sum((assets[asset].core_value for asset in sorted(policy.core.assets)), ZERO),
        reserve_value=tally.reserve,
        spendable=tally.spendable,
        futures_equity=tally.futures,
        gross_notional=tally.gross,
        assets=assets,
        unpriced=tuple(sorted(tally.unpriced)),
    )


def _count_balance(tally: _Tally, balance: Balance, snapshot: Snapshot, policy: Policy) -> None:
    asset, total = balance.asset, balance.total
    is_stable = asset == policy.quote or asset in policy.reserve.assets
    price = spot_price(snapshot, asset, policy.quote)
    if balance.wallet is WalletKind.INVERSE:
        tally.margin[asset] += total
    elif price is None:
        if total:
            tally.unpriced.append(asset)
    elif balance.wallet is WalletKind.LINEAR:
        tally.futures += total * price
    elif is_stable:
        tally.reserve += total * price
        tally.spendable += balance.free if asset == policy.quote else ZERO
    else:
        tally.spot[asset] += total


def _coin_profits(tally: _Tally, assets: dict[str, AssetExposure]) -> Decimal:
    """Return the unrealised profit of coin-margined contracts in quote currency."""
    return sum((profit * assets[asset].price for asset, profit in sorted(tally.profits.items())), ZERO)


def _count_claims(tally: _Tally, snapshot: Snapshot, claims: tuple[Claim, ...]) -> None:
    """Give carry and tactical what they claim; of spot no more than is held, since nobody can be short of it."""
    for claim in claims:
        instrument = snapshot.instruments.get(claim.symbol)
        if instrument is None:
            continue  # delivered: the next settlement lets the claim go
        if instrument.kind.is_spot:
            taken = min(max(claim.quantity, ZERO), tally.spot[instrument.base])
            tally.spot[instrument.base] -= taken
            tally.carry_spot[instrument.base] += taken
            continue
        coins = delta_coins(instrument, claim.quantity, claim.entry, contract_mark(snapshot, claim.symbol))
        tally.contracts[instrument.base] -= coins
        (tally.carry if claim.sleeve is Sleeve.CARRY else tally.tactical)[instrument.base] += coins


def _count_position(tally: _Tally, position: Position, snapshot: Snapshot) -> None:
    instrument = snapshot.instruments.get(position.symbol)
    if instrument is None:
        raise SnapshotUnavailable(
            f"{position.symbol} is held and the venue lists no such contract",
            part=f"{position.symbol} instrument",
        )
    mark = contract_mark(snapshot, position.symbol)
    profit = instrument.profit(position.quantity, position.entry_price, mark)
    if instrument.kind.is_inverse:
        tally.profits[instrument.base] += profit
    else:
        tally.futures += profit
    tally.contracts[instrument.base] += delta_coins(instrument, position.quantity, position.entry_price, mark)
    tally.gross += abs(instrument.notional(position.quantity, mark))


def _assets(tally: _Tally, snapshot: Snapshot, policy: Policy) -> dict[str, AssetExposure]:
    held = {*tally.spot, *tally.margin, *tally.contracts, *policy.core.assets}
    assets = {}
    for asset in sorted(held):
        price = spot_price(snapshot, asset, policy.quote)
        if price is None:
            raise SnapshotUnavailable(
                f"{asset} has no price in {policy.quote}",
                part=f"{asset}/{policy.quote} quote",
                mend=f"take {asset} out of the policy, or use a venue that lists {asset}/{policy.quote}",
            )
        assets[asset] = AssetExposure(
            asset=asset,
            price=price,
            spot_coins=tally.spot.get(asset, ZERO),
            elsewhere_coins=policy.core.held_elsewhere.get(asset, ZERO),
            margin_coins=tally.margin.get(asset, ZERO),
            contract_coins=tally.contracts.get(asset, ZERO),
            carry_coins=tally.carry_spot.get(asset, ZERO),
            carry_contracts=tally.carry.get(asset, ZERO),
            tactical_contracts=tally.tactical.get(asset, ZERO),
        )
    return assets
