"""Where the book is: every wallet, coin and contract of a snapshot as one exposure."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.book import AssetExposure, Exposure
from bot.domain.instrument import WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.errors import SnapshotUnavailable


@dataclass(slots=True)
class _Tally:
    """Coins per asset while they are being counted."""

    spot: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    margin: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    contracts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
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


def measure_exposure(snapshot: Snapshot, policy: Policy) -> Exposure:
    """Return the book of `snapshot` in the policy's quote currency.

    Raises SnapshotUnavailable when a core asset or a held contract has no price, or equity is not
    above zero. Delta counts coin-margined equity, unrealised profit included (QUANT 2.4).
    """
    tally = _Tally()
    for balance in sorted(snapshot.balances, key=lambda one: (one.wallet, one.asset, one.free, one.locked)):
        _count_balance(tally, balance, snapshot, policy)
    for _, position in sorted(snapshot.positions.items()):  # sums of rounded numbers depend on their order
        _count_position(tally, position, snapshot)
    assets = _assets(tally, snapshot, policy)
    elsewhere = sum((a.elsewhere_coins * a.price for a in assets.values()), ZERO)
    equity = sum((a.core_value for a in assets.values()), ZERO) + tally.reserve + tally.futures
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
        tally.margin[instrument.base] += profit
    else:
        tally.futures += profit
    tally.contracts[instrument.base] += instrument.coins(position.quantity, mark)
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
        )
    return assets
