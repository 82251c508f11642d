"""The books a simulated account begins with."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.errors import SettingsRefused
from bot.simulator.account import Account
from bot.simulator.market import Market

FIRST_EQUITY = Decimal(100_000)
CORE_SHARE = Decimal("0.737")
# Shares of the core: a little out of balance, so that a first plan has something to say.
FIRST_SHARES: Mapping[str, Decimal] = {"BTC": Decimal("0.589"), "ETH": Decimal("0.289"), "SOL": Decimal("0.122")}
_COIN_STEP = Decimal("0.01")


def cash_account(quote: str, amount: Decimal) -> Account:
    """Return an account with `amount` of the quote currency in its spot wallet and nothing else."""
    return Account(balances={(WalletKind.SPOT, quote): amount})


def first_account(
    market: Market,
    moment: datetime,
    *,
    quote: str = "USDT",
    equity: Decimal = FIRST_EQUITY,
    shares: Mapping[str, Decimal] = FIRST_SHARES,
) -> Account:
    """Return the newcomer's book: coins worth about 74 % of `equity`, the rest in the quote currency.

    At the market's prices of `moment` it is worth exactly `equity`. Coins are cut to hundredths; a coin
    the market does not list raises SettingsRefused. No futures, no hedge.
    """
    quotes = market.quotes(moment)
    balances, spent = {}, ZERO
    for asset, share in shares.items():
        shown = quotes.get(f"{asset}/{quote}")
        if shown is None:
            listed = ", ".join(sorted(quotes))
            raise SettingsRefused(f"the market lists no {asset}/{quote}", mend=f"choose among {listed}")
        coins = down_to_step(equity * CORE_SHARE * share / shown.mid, _COIN_STEP)
        balances[WalletKind.SPOT, asset] = coins
        spent += coins * shown.mid
    balances[WalletKind.SPOT, quote] = equity - spent
    return Account(balances=balances)
