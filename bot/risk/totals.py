"""The running totals of the projected book: all that a check of the whole book asks for."""

from dataclasses import dataclass, fields
from decimal import Decimal
from operator import attrgetter

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.risk.coin_wallet import CoinWallet
from bot.risk.lines import CoinLine, ContractLine
from bot.risk.stakes import Stake


@dataclass(slots=True)
class Totals:
    """Sums over the projected book, in quote currency unless said.

    `equity` is what the venue holds, `elsewhere` the coins held outside it. `delta` and `worst` sum the
    coins' values; `gross` and `worst_gross` the contracts' notionals. `wallet` is the linear wallet's
    balance, `purse` what is free in it, `isolated` the margin set apart for isolated positions;
    `profit` and `maintenance` are those of all linear positions, the `cross_` ones of those that share
    the wallet. `slope` is the change of cross equity less margin for a joint rise of 1, at the
    present tiers. `coin_equity` is that of all coin-margined wallets. `funding` is received per day.
    `reserve` is stablecoins in the spot wallet, `turnover` what was traded, `orders` how many were sent,
    `resting` the value of those that stay in the book, `moved` what was transferred. `carry` is the
    capital carry binds, `tactical` the overlay's notional, `shocked` what its positions lose in a shock.
    """

    equity: Decimal = ZERO
    elsewhere: Decimal = ZERO
    delta: Decimal = ZERO
    worst: Decimal = ZERO
    gross: Decimal = ZERO
    worst_gross: Decimal = ZERO
    wallet: Decimal = ZERO
    purse: Decimal = ZERO
    isolated: Decimal = ZERO
    profit: Decimal = ZERO
    maintenance: Decimal = ZERO
    cross_profit: Decimal = ZERO
    cross_maintenance: Decimal = ZERO
    cross_worst: Decimal = ZERO
    initial: Decimal = ZERO
    slope: Decimal = ZERO
    coin_equity: Decimal = ZERO
    funding: Decimal = ZERO
    reserve: Decimal = ZERO
    turnover: Decimal = ZERO
    resting: Decimal = ZERO
    moved: Decimal = ZERO
    carry: Decimal = ZERO
    tactical: Decimal = ZERO
    shocked: Decimal = ZERO
    orders: int = 0

    def copy(self) -> "Totals":
        """Return equal totals that may be changed apart from these."""
        return Totals(*_all(self))

    @property
    def whole(self) -> Decimal:
        """Equity with the coins held elsewhere."""
        return self.equity + self.elsewhere

    @property
    def futures_equity(self) -> Decimal:
        """The linear wallet's balance and unrealised profit."""
        return self.wallet + self.profit

    @property
    def margined(self) -> Decimal:
        """The equity of all futures wallets."""
        return self.futures_equity + self.coin_equity

    @property
    def cross_equity(self) -> Decimal:
        """What the positions that share the wallet have to lose."""
        return self.wallet - self.isolated + self.cross_profit

    @property
    def spare(self) -> Decimal:
        """Cross equity above maintenance margin."""
        return self.cross_equity - self.cross_maintenance

    @property
    def worst_spare(self) -> Decimal:
        """Cross equity above maintenance margin when every order in flight that may open fills."""
        return self.cross_equity - self.cross_worst

    @property
    def available(self) -> Decimal:
        """Cross equity above the initial margin of what is held and may be opened in flight."""
        return self.cross_equity - self.initial

    def swap_coin(self, old: CoinLine | None, new: CoinLine) -> None:
        """Count `new` instead of `old`."""
        self.delta += new.value - (old.value if old else ZERO)
        self.worst += new.worst - (old.worst if old else ZERO)

    def swap_wallet(self, old: CoinWallet | None, new: CoinWallet) -> None:
        """Count the coin-margined wallet `new` instead of `old`."""
        gain = new.value - (old.value if old else ZERO)
        self.equity += gain
        self.coin_equity += gain
        self.gross += new.gross - (old.gross if old else ZERO)
        self.worst_gross += new.worst_gross - (old.worst_gross if old else ZERO)
        self.funding += new.funding - (old.funding if old else ZERO)

    def swap_stake(self, sleeve: Sleeve, old: Stake | None, new: Stake) -> None:
        """Count a claim as `new` instead of `old`."""
        if sleeve is Sleeve.CARRY:
            self.carry += new.capital - (old.capital if old else ZERO)
            return
        self.tactical += new.notional - (old.notional if old else ZERO)
        self.shocked += new.shocked - (old.shocked if old else ZERO)

    def drop(self, line: ContractLine) -> None:
        """Count a contract's line no longer."""
        self.equity -= line.profit
        self.gross -= line.gross
        self.worst_gross -= line.worst_gross
        self.profit -= line.profit
        self.maintenance -= line.maintenance
        self.funding += line.notional * line.contract.daily_funding
        if line.isolated is not None:
            self.isolated -= line.isolated
            return
        self.cross_profit -= line.profit
        self.cross_maintenance -= line.maintenance
        self.cross_worst -= line.worst_maintenance
        self.initial -= line.worst_gross / line.contract.leverage
        self.slope -= line.bend

    def count(self, line: ContractLine) -> None:
        """Count a contract's line."""
        self.equity += line.profit
        self.gross += line.gross
        self.worst_gross += line.worst_gross
        self.profit += line.profit
        self.maintenance += line.maintenance
        self.funding -= line.notional * line.contract.daily_funding
        if line.isolated is not None:
            self.isolated += line.isolated
            return
        self.cross_profit += line.profit
        self.cross_maintenance += line.maintenance
        self.cross_worst += line.worst_maintenance
        self.initial += line.worst_gross / line.contract.leverage
        self.slope += line.bend


_all = attrgetter(*(field.name for field in fields(Totals)))
