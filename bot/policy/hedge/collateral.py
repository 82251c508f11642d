"""How much margin each futures wallet needs: its leverage is kept in a two-level band."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Sleeve, TransferRequest
from bot.domain.policy import Band, Limits, Policy
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
    """One futures wallet as it will be: gross notional and equity in `asset`, and the price of one in quote.

    `opening` is what the venue asks for what is opened: its initial margin at the worst price, and the fee;
    `tied` is what stands behind the rest of the positions. Both in `asset`.
    """

    wallet: WalletKind
    asset: str
    price: Decimal
    notional: Decimal
    equity: Decimal
    opening: Decimal = ZERO
    tied: Decimal = ZERO

    @property
    def lacks(self) -> bool:
        """Whether it cannot pay for what is opened."""
        return self.opening > 0 and self.opening + self.tied > self.equity


@dataclass(slots=True)
class _Sums:
    """What is added up for one wallet, in its asset; `profit` is unrealised."""

    notional: Decimal = ZERO
    profit: Decimal = ZERO
    opening: Decimal = ZERO
    tied: Decimal = ZERO


def purses_after(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, changes: Mapping[str, Decimal]
) -> tuple[Purse, ...]:
    """Return the futures wallets once `changes` (signed contracts by symbol) are made: linear first, then coins.

    A coin-margined wallet counts in its coin: notional Σ |contracts| × face ÷ mark, equity with profit.
    """
    found: dict[tuple[WalletKind, str], _Sums] = defaultdict(_Sums)
    for symbol in sorted({*snapshot.positions, *changes}):
        instrument = snapshot.instruments[symbol]
        sums = found[instrument.wallet, _asset(instrument, policy)]
        _add(sums, policy.limits, snapshot, instrument, changes.get(symbol, ZERO))
    linear, one = found[WalletKind.LINEAR, policy.quote], Decimal(1)
    purses = [_purse((WalletKind.LINEAR, policy.quote), one, exposure.futures_equity, linear)]
    for asset, coin in sorted(exposure.assets.items()):
        sums = found[WalletKind.INVERSE, asset]
        if sums.notional or coin.margin_coins:
            purses.append(_purse((WalletKind.INVERSE, asset), coin.price, coin.margin_coins + sums.profit, sums))
    return tuple(purses)


def _purse(key: tuple[WalletKind, str], price: Decimal, equity: Decimal, sums: _Sums) -> Purse:
    return Purse(
        wallet=key[0],
        asset=key[1],
        price=price,
        notional=sums.notional,
        equity=equity,
        opening=sums.opening,
        tied=sums.tied,
    )


def _add(sums: _Sums, limits: Limits, snapshot: Snapshot, instrument: Instrument, change: Decimal) -> None:
    """Add one contract to its wallet: what stands meanwhile of the position, and what is opened.

    A position that one order turns stands until then: no venue counts the margin it will set free.
    """
    mark, position = contract_mark(snapshot, instrument.symbol), snapshot.positions.get(instrument.symbol)
    held = position.quantity if position else ZERO
    after = held + change
    kept = min(abs(held), abs(after)) if held * after > 0 else ZERO
    sums.notional += instrument.settlement_notional(after, mark)
    leverage = position.leverage if position else limits.max_leverage_setting
    worst = mark * (1 + min(limits.max_slippage, limits.price_collar) * (1 if change > 0 else -1))
    opened = max(instrument.settlement_notional(abs(after) - kept, price) for price in (mark, worst))
    sums.opening += opened * (1 / leverage + instrument.taker_fee)
    if position is None:
        return
    stands = abs(held) if held * after < 0 else kept
    profit = instrument.profit(held, position.entry_price, mark)
    sums.profit += profit
    if position.isolated_margin is None:
        sums.tied += instrument.settlement_notional(stands, mark) / leverage
    else:  # its profit is its own as long as it stands
        sums.tied += (position.isolated_margin + profit) * stands / abs(held)


def _asset(instrument: Instrument, policy: Policy) -> str:
    return instrument.base if instrument.kind.is_inverse else policy.quote


def wanted_transfers(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, changes: Mapping[str, Decimal]
) -> tuple[Collateral, ...]:
    """Return the transfers that bring gross notional over wallet equity back to its target, wallet by wallet.

    Nothing moves while that leverage, after the changes, stays inside the band and what is opened finds its
    margin. Out of a wallet goes only what is free there and not needed to open something, and never more than
    a day's allowance; into it, only what is free in spot and within the allowance and the margin share.
    Amounts are cut to a cent, or to a hundred-millionth coin.
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


def may_leave(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, changes: Mapping[str, Decimal], amount: Decimal
) -> bool:
    """Whether `amount` of money can leave the linear wallet and what the changes open there still be paid."""
    purse = purses_after(policy, exposure, snapshot, changes)[0]
    after = replace(purse, equity=purse.equity - amount)
    return not after.lacks and (not after.opening or after.notional <= leverage_band(policy).high * after.equity)


def leverage_band(policy: Policy) -> Band:
    """Return the band of the futures wallets' leverage; QUANT 9's where the policy has no hedge to say it."""
    return policy.hedge.leverage if policy.hedge else USUAL_BAND


def _inside(purse: Purse, band: Band, exposure: Exposure) -> bool:
    if purse.lacks:
        return False
    if purse.equity <= 0:
        return purse.notional <= 0
    trifling = purse.notional <= 0 and purse.equity * purse.price <= WORTH_MOVING * exposure.equity
    return trifling or band.holds(purse.notional / purse.equity)


def _transfer(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, purse: Purse, bounds: tuple[Decimal, Decimal]
) -> Collateral | None:
    """Return one wallet's transfer; `bounds` are the day's allowance and the room for margin, in quote currency."""
    aim = leverage_band(policy).target
    needed = purse.opening + purse.tied if purse.opening else ZERO
    gap = max(purse.notional / aim, needed) - purse.equity
    allowance, room = (bound / purse.price for bound in bounds)
    if gap > 0:
        amount = min(gap, _free_spot(policy, exposure, snapshot, purse), allowance, room)
        source, target = WalletKind.SPOT, purse.wallet
    else:
        amount = min(-gap, _free(snapshot, purse) - purse.opening, purse.equity, allowance)
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
