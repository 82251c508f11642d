"""No plan the gate approves leads into a liquidation that arithmetic could have foreseen.

The gate says after each step what rise the wallets survive. Here its plans are carried out in the books of the
simulator, which reckons margin by itself, and prices move by less than was said: nothing is ever liquidated.
"""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import Instrument, MaintenanceTier, WalletKind
from bot.domain.order import Fill, Leg, Liquidity, OrderRequest, Side, TransferRequest
from bot.domain.plan import Verdict
from bot.domain.snapshot import Balance, Snapshot
from bot.risk.gate import review
from bot.risk.stress import CoinHolding, Holding, inverse_survivable_move, survivable_move
from bot.simulator.account import Account, MarginSetting, apply_fill, apply_transfer, fee_of
from bot.simulator.margin import liquidate
from tests.builders import (
    NOON,
    a_memory,
    a_perpetual,
    a_policy,
    a_quote,
    a_snapshot,
    an_inverse_perpetual,
    d,
    wide_limits,
)
from tests.unit.risk.words import DATED, INVERSE, INVERSE_DATED, PERP, SPOT, a_dated, a_plan, an_inverse_dated, an_order

ETH_PERP = "ETH/USDT:USDT"
LINEAR, COIN = (WalletKind.LINEAR, "USDT"), (WalletKind.INVERSE, "BTC")
STEEP = tuple(
    MaintenanceTier(floor=d(floor), rate=d(rate), deduction=d(deduction))
    for floor, rate, deduction in ((0, "0.005", 0), (5, "0.01", "0.025"), (20, "0.05", "0.825"))
)
CONTRACTS: dict[str, Instrument] = {
    one.symbol: one
    for one in (
        a_perpetual(),
        a_perpetual("ETH"),
        a_dated(),
        an_inverse_perpetual(tiers=STEEP),
        replace(an_inverse_dated(), tiers=STEEP),
    )
}
POLICY = a_policy(limits=wide_limits(max_hedge_ratio=d(3)))
FAR = d(3)  # a rise of 300 % where the gate says that none liquidates
SHY = d("0.999")

coins = st.integers(1, 60).map(lambda n: d(n) / 10)  # of BTC, or of 20 ETH
shares = st.integers(0, 100).map(lambda n: d(n) / 100)


class World:
    """The books of the simulator and one price for all coins, as a multiple of what they were."""

    def __init__(self, futures: int, margin: Decimal, leverage: int) -> None:
        self.level = d(1)
        self.account = Account(
            balances={
                (WalletKind.SPOT, "BTC"): d(10),
                (WalletKind.SPOT, "ETH"): d(100),
                (WalletKind.SPOT, "USDT"): d(300_000),
                LINEAR: d(futures),
                COIN: margin,
            },
            settings=dict.fromkeys(CONTRACTS, MarginSetting(leverage=d(leverage))),
        )

    def price(self, symbol: str) -> Decimal:
        """The price of a coin now, all having moved alike, to the tenth."""
        base = d(3_500) if symbol.startswith("ETH") else d(70_000)
        return (base * self.level).quantize(d("0.1"))

    @property
    def marks(self) -> dict[str, Decimal]:
        """The marks of all contracts."""
        return {symbol: self.price(symbol) for symbol in CONTRACTS}

    def snapshot(self) -> Snapshot:
        """What the venue would tell."""
        plain = a_snapshot(price={"BTC": self.price("BTC"), "ETH": self.price("ETH")})
        return replace(
            plain,
            instruments={**plain.instruments, **CONTRACTS},
            quotes={**plain.quotes, **{symbol: a_quote(symbol, mark) for symbol, mark in self.marks.items()}},
            balances=tuple(
                Balance(wallet=wallet, asset=asset, free=total, locked=d(0))
                for (wallet, asset), total in self.account.balances.items()
            ),
            positions=self.account.positions,
            funding={},
        )

    def do(self, leg: Leg) -> None:
        """Carry out one approved leg: an order fills at the other side of the book."""
        if isinstance(leg, TransferRequest):
            self.account, _ = apply_transfer(self.account, NOON, "a transfer", leg)
        elif isinstance(leg, OrderRequest):
            snapshot = self.snapshot()
            instrument, quote = snapshot.instruments[leg.symbol], snapshot.quotes[leg.symbol]
            price = quote.ask if leg.side is Side.BUY else quote.bid
            fee, asset = fee_of(instrument, leg.side, leg.quantity, price, Liquidity.TAKER)
            fill = Fill(
                trade_id="a trade",
                client_order_id="h1",
                symbol=leg.symbol,
                side=leg.side,
                quantity=leg.quantity,
                price=price,
                fee=fee,
                fee_asset=asset,
                liquidity=Liquidity.TAKER,
                at=NOON,
            )
            self.account, _ = apply_fill(self.account, instrument, fill)

    def lives(self, move: Decimal) -> bool:
        """Whether nothing is liquidated when all prices move by this fraction in one step."""
        marks = {symbol: mark * (1 + move) for symbol, mark in self.marks.items()}
        after, entries = liquidate(self.account, CONTRACTS, marks, NOON)
        return not entries and after == self.account

    def falls(self) -> Decimal:
        """The joint fall that liquidates a wallet, by the stress arithmetic; 1 where none does."""
        linear = [
            Holding(p.quantity * CONTRACTS[s].contract_size, p.entry_price, self.marks[s], CONTRACTS[s].tiers)
            for s, p in self.account.positions.items()
            if not CONTRACTS[s].kind.is_inverse
        ]
        inverse = [
            CoinHolding(p.quantity, CONTRACTS[s].contract_size, p.entry_price, self.marks[s], CONTRACTS[s].tiers)
            for s, p in self.account.positions.items()
            if CONTRACTS[s].kind.is_inverse
        ]
        moves = (
            survivable_move(self.account.balance(*LINEAR), linear, up=False) if linear else None,
            inverse_survivable_move(self.account.balance(*COIN), inverse, up=False) if inverse else None,
        )
        return min((move for move in moves if move is not None), default=d(1))


@st.composite
def legs(draw: st.DrawFn, world: World) -> Leg:
    """An order that fills at once, or a transfer either way."""
    if draw(st.integers(0, 3)) == 0:
        wallet, asset, unit = draw(st.sampled_from([(*LINEAR, d(10_000)), (*COIN, d("0.2"))]))
        ways = draw(st.permutations([WalletKind.SPOT, wallet]))
        return TransferRequest(asset=asset, amount=unit * draw(coins), source=ways[0], target=ways[1])
    symbol = draw(st.sampled_from([PERP, ETH_PERP, DATED, INVERSE, INVERSE_DATED, SPOT]))
    side, price = draw(st.sampled_from(Side)), world.price(symbol)
    quantity = draw(coins) * (20 if symbol.startswith("ETH") else 1)
    if symbol in CONTRACTS:
        quantity = CONTRACTS[symbol].quantity(quantity, price)
    limit = (price * (d("1.01") if side is Side.BUY else d("0.99"))).quantize(d("0.1"))
    return an_order(symbol, side, max(quantity, d(1) if "USD:" in symbol else d("0.001")), limit)


def survived(verdict_rally: Decimal | None) -> Decimal:
    """A rise just below what the gate says the wallets survive."""
    return min(verdict_rally if verdict_rally is not None else FAR, FAR) * SHY


def carry_out(world: World, verdict: Verdict) -> None:
    """Carry out what was approved, step by step; after each the wallets survive what the gate says they do."""
    for approved in verdict.approved:
        for leg in approved.proposal.legs:
            world.do(leg)
        rally = survived(approved.after.survives_rally)
        assert world.lives(rally), (approved, rally)


@given(st.data(), st.integers(20_000, 300_000), coins, st.integers(2, 20))
def test_no_sequence_of_plans_is_liquidated_by_a_move_it_survives(
    data: st.DataObject, futures: int, margin: Decimal, leverage: int
) -> None:
    """Linear and coin-margined, perpetual and dated, through several tiers: up by the gate's word, and down."""
    world = World(futures, margin / 2, leverage)
    for _ in range(data.draw(st.integers(1, 4))):
        plan = a_plan(*data.draw(st.lists(legs(world), min_size=1, max_size=4)))
        verdict = review(plan, world.snapshot(), POLICY, a_memory(attended=True))
        assert verdict.before.survives_rally != 0
        carry_out(world, verdict)
        part = data.draw(shares)
        up = data.draw(st.booleans())
        move = part * survived(verdict.after.survives_rally) if up else -part * world.falls() * SHY
        assert world.lives(move)
        world.level = max(world.level * (1 + move), d("0.05"))


@given(st.data(), st.integers(20_000, 300_000), coins, st.integers(2, 20))
def test_what_the_gate_says_is_survived_is_not_far_from_the_end(
    data: st.DataObject, futures: int, margin: Decimal, leverage: int
) -> None:
    """The law above has teeth: a little more than the figure after the whole plan does liquidate."""
    world = World(futures, margin / 2, leverage)
    plan = a_plan(*data.draw(st.lists(legs(world), min_size=1, max_size=4)))
    verdict = review(plan, world.snapshot(), POLICY, a_memory(attended=True))
    carry_out(world, verdict)
    rally = verdict.after.survives_rally
    if rally is not None and rally < FAR:
        assert not world.lives(rally * d("1.02") + d("0.01"))


def test_a_short_of_half_the_wallet_by_hand() -> None:
    """100,000 USDT under a short of 2 BTC at 70,000: (100,000 + 140,000 + 50) ÷ (2 × 1.005) = 119,428, +70.6 %."""
    world = World(100_000, d(1), 10)
    world.do(an_order(PERP, Side.SELL, 2, 69_300))
    assert world.lives(d("0.70"))
    assert not world.lives(d("0.71"))
