"""How much margin each futures wallet needs: its leverage is kept in a two-level band."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Sleeve, TransferRequest
from bot.domain.policy import Band, Policy
from bot.domain.snapshot import Snapshot, Wallets
from bot.policy.exposure import contract_mark

CENT = Decimal("0.01")
SATOSHI = Decimal("0.00000001")
USUAL_BAND = Band(low=Decimal("1.5"), target=Decimal(2), high=Decimal(3))
WORTH_MOVING = Decimal("0.001")  # of equity: a smaller transfer is not worth its step


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """A transfer wanted: positive into the futures wallet, negative out of it, in `asset`.

    `value` is the same in quote currency; `leg` is None where the policy only advises.
    """

    asset: str
    amount: Decimal
    value: Decimal
    leg: TransferRequest | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """One futures wallet as it will be: gross notional and equity in `asset`, and the price of one in quote."""

    wallet: WalletKind
    asset: str
    price: Decimal
    notional: Decimal
    equity: Decimal


def purses_after(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, changes: Mapping[str, Decimal]
) -> tuple[Purse, ...]:
    """Return the futures wallets once `changes` (signed contracts by symbol) are made: linear first, then coins.

    A coin-margined wallet counts in its coin: notional Σ |contracts| × face ÷ mark, equity with profit.
    """
    notional: dict[tuple[WalletKind, str], Decimal] = {}
    profits: dict[str, Decimal] = {}
    for symbol in sorted({*snapshot.positions, *changes}):
        instrument, mark = snapshot.instruments[symbol], contract_mark(snapshot, symbol)
        position = snapshot.positions.get(symbol)
        held = position.quantity if position else ZERO
        purse = (instrument.wallet, _asset(instrument, policy))
        after = instrument.settlement_notional(held + changes.get(symbol, ZERO), mark)
        notional[purse] = notional.get(purse, ZERO) + after
        if position is not None and instrument.kind.is_inverse:
            gained = instrument.profit(held, position.entry_price, mark)
            profits[instrument.base] = profits.get(instrument.base, ZERO) + gained
    linear = (WalletKind.LINEAR, policy.quote)
    found = [
        Purse(
            wallet=WalletKind.LINEAR, asset=policy.quote, price=Decimal(1),
            notional=notional.get(linear, ZERO), equity=exposure.futures_equity,
        )
    ]  # fmt: skip
    for asset, coin in sorted(exposure.assets.items()):
        coins = notional.get((WalletKind.INVERSE, asset), ZERO)
        equity = coin.margin_coins + profits.get(asset, ZERO)
        if coins or coin.margin_coins:
            found.append(Purse(wallet=WalletKind.INVERSE, asset=asset, price=coin.price, notional=coins, equity=equity))
    return tuple(found)


def _asset(instrument: Instrument, policy: Policy) -> str:
    return instrument.base if instrument.kind.is_inverse else policy.quote


def wanted_transfers(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, changes: Mapping[str, Decimal]
) -> tuple[Collateral, ...]:
    """Return the transfers that bring gross notional over wallet equity back to its target, wallet by wallet.

    Nothing moves while that leverage, after the changes, stays inside the band. Out of a wallet goes only
    what is free there and never more than a day's allowance; into it, only what is free in spot and
    within the allowance and the margin share. Amounts are cut to a cent, or to a hundred-millionth coin.
    """
    if not (policy.hedge or policy.carry or policy.tactical):
        return ()
    return tuple(_wanted(policy, exposure, snapshot, purses_after(policy, exposure, snapshot, changes)))


def _wanted(policy: Policy, exposure: Exposure, snapshot: Snapshot, purses: tuple[Purse, ...]) -> Iterator[Collateral]:
    allowance = policy.limits.max_daily_transfer * exposure.account_equity
    margins = sum((purse.equity * purse.price for purse in purses), ZERO)
    room = policy.limits.max_futures_margin_share * exposure.account_equity - margins
    for purse in purses:
        if _inside(purse, leverage_band(policy), exposure) or _is_outside_the_pool(purse, snapshot):
            continue
        found = _transfer(policy, exposure, snapshot, purse, (allowance, room))
        if found is not None:
            moved = abs(found.value)
            allowance -= moved
            room -= found.value
            yield found


def leverage_band(policy: Policy) -> Band:
    """Return the band of the futures wallets' leverage; QUANT 9's where the policy has no hedge to say it."""
    return policy.hedge.leverage if policy.hedge else USUAL_BAND


def _inside(purse: Purse, band: Band, exposure: Exposure) -> bool:
    if purse.equity <= 0:
        return purse.notional <= 0
    trifling = purse.notional <= 0 and purse.equity * purse.price <= WORTH_MOVING * exposure.equity
    return trifling or band.holds(purse.notional / purse.equity)


def _transfer(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, purse: Purse, bounds: tuple[Decimal, Decimal]
) -> Collateral | None:
    """Return one wallet's transfer; `bounds` are the day's allowance and the room for margin, in quote currency."""
    aim = leverage_band(policy).target
    gap = purse.notional / aim - purse.equity
    allowance, room = (bound / purse.price for bound in bounds)
    if gap > 0:
        amount = min(gap, _free_spot(policy, exposure, snapshot, purse), allowance, room)
        source, target = WalletKind.SPOT, purse.wallet
    else:
        amount = min(-gap, _free(snapshot, purse), purse.equity, allowance)
        source, target = purse.wallet, WalletKind.SPOT
    amount = down_to_step(amount, SATOSHI if purse.wallet is WalletKind.INVERSE else CENT)
    if amount * purse.price < WORTH_MOVING * exposure.equity:
        return None
    leg = TransferRequest(asset=purse.asset, amount=amount, source=source, target=target, sleeve=Sleeve.RESERVE)
    words = ("needs", "more") if gap > 0 else ("holds", "too much")
    wanted = down_to_step(abs(gap), SATOSHI) if purse.wallet is WalletKind.INVERSE else f"{abs(gap):.2f}"
    name = "futures wallet" if purse.wallet is WalletKind.LINEAR else f"{purse.asset} futures wallet"
    pooled = "; set aside in the one purse, nothing leaves it" if snapshot.wallets is Wallets.POOLED else ""
    signed = amount if gap > 0 else -amount
    return Collateral(
        asset=purse.asset,
        amount=signed,
        value=signed * purse.price,
        leg=None if _by_hand(policy, snapshot) else leg,
        reason=f"{name} {words[0]} {wanted} {purse.asset} {words[1]} for {aim.normalize():f}x{pooled}",
    )


def _is_outside_the_pool(purse: Purse, snapshot: Snapshot) -> bool:
    """Whether it is a coin-margined wallet of an account that has none: its one purse holds the coins."""
    return snapshot.wallets is Wallets.POOLED and purse.wallet is WalletKind.INVERSE


def _by_hand(policy: Policy, snapshot: Snapshot) -> bool:
    """Whether a person moves the money: the policy wants it so, or the venue takes no transfer."""
    return snapshot.wallets is Wallets.APART or (policy.hedge is not None and policy.hedge.advise_transfers)


def _free(snapshot: Snapshot, purse: Purse) -> Decimal:
    held = (b.free for b in snapshot.balances if b.wallet is purse.wallet and b.asset == purse.asset)
    return sum(held, ZERO)


def _free_spot(policy: Policy, exposure: Exposure, snapshot: Snapshot, purse: Purse) -> Decimal:
    """Return what may leave the spot wallet: spendable money; coins free there and not promised elsewhere."""
    if purse.wallet is WalletKind.LINEAR:
        return exposure.spendable
    held = exposure.assets[purse.asset]
    free = sum((b.free for b in snapshot.balances if b.wallet is WalletKind.SPOT and b.asset == purse.asset), ZERO)
    return max(free - policy.core.never_sell.get(purse.asset, ZERO) - held.carry_coins, ZERO)
