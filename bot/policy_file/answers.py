"""The commented policy file that `poise init` writes from a few answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType

from bot.domain.numbers import ONE, ZERO
from bot.policy_file.faults import figure, shown
from bot.policy_file.limits import RETAIL
from bot.policy_file.parse import read_policy, refused

SOURCE = "your answers"
CENT = Decimal("0.01")
USUAL_RESERVE = Decimal("0.05")
ROOM_ABOVE_RATIO = Decimal("0.05")
LARGEST_EXPONENT = 18

# How much money the futures wallet holds for each hedge: the leverage band as low, target, high.
MARGINS: Mapping[str, tuple[Decimal, Decimal, Decimal]] = MappingProxyType(
    {
        "ample": (ONE, Decimal("1.5"), Decimal(2)),
        "usual": (Decimal("1.5"), Decimal(2), Decimal(3)),
        "lean": (Decimal("1.8"), Decimal("2.4"), Decimal(3)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `poise init` asks for. `core` is low, target, high; `margin` is a word of MARGINS.

    Shares: `assets` of the core, `core` of equity, `hedge_ratio` of the core's delta; 0 is no hedge.
    """

    name: str = "mine"
    quote: str = "USDT"
    assets: Mapping[str, Decimal] = field(
        default_factory=lambda: {"BTC": Decimal("0.50"), "ETH": Decimal("0.30"), "SOL": Decimal("0.20")}
    )
    core: tuple[Decimal, Decimal, Decimal] = (Decimal("0.60"), Decimal("0.70"), Decimal("0.80"))
    margin: str = "usual"
    hedge_ratio: Decimal = Decimal("0.15")
    cron: str = "5 0,8,16 * * *"
    profile: str = RETAIL


def policy_text(answers: Answers) -> str:
    """Return the policy file for these answers; raise PolicyRefused with the faults when they cannot be.

    Whatever is returned, `parse_policy` accepts.
    """
    text = "\n".join((_opening(answers), _core(answers), _hedge(answers), _reserve(answers), _ending(answers)))
    _, found = read_policy(text)
    faults = tuple(fault.text(SOURCE, with_line=False) for fault in found)
    if answers.margin not in MARGINS:
        words = ", ".join(f'"{word}"' for word in sorted(MARGINS))
        faults += (f"{SOURCE}: futures margin is {shown(answers.margin)}; allowed: {words}",)
    if faults:
        raise refused(SOURCE, faults, mend="answer those questions again: poise init")
    return text


def _text(value: str) -> str:
    """Return a TOML basic string."""
    inside = (f"\\u{ord(sign):04x}" if sign in '"\\\x7f' or sign < " " else sign for sign in value)
    return f'"{"".join(inside)}"'


def _number(number: Decimal) -> str:
    """Return a TOML number; what is no number of a sane size is left for the parser to refuse."""
    if not number.is_finite():
        return "nan"
    exponent = number.as_tuple().exponent
    sane = isinstance(exponent, int) and abs(exponent) <= LARGEST_EXPONENT and number.adjusted() <= LARGEST_EXPONENT
    return figure(number) if sane else str(number)


def _band(edges: tuple[Decimal, Decimal, Decimal]) -> str:
    low, target, high = (_number(edge) for edge in edges)
    return f"{{ low = {low}, target = {target}, high = {high} }}"


def _opening(answers: Answers) -> str:
    return f"""\
# A Poise policy, written by poise init. Edit it, then: poise check
# Shares are fractions: 0.70 is 70 %. "Equity" is the value of the whole
# account. Every key: docs/policy-files.md

name  = {_text(answers.name)}
quote = {_text(answers.quote)}        # everything is priced and counted in it
"""


def _core(answers: Answers) -> str:
    shares = ", ".join(f"{_key(name)} = {_number(share)}" for name, share in answers.assets.items())
    return f"""\
[core]
# Shares of equity: inside the band the core's total is left alone.
band = {_band(answers.core)}
# Shares of the core; they sum to 1.
assets = {{ {shares} }}
# How far a coin's share may drift, as a share of the core, or "optimal".
half_width = "optimal"
risk_aversion = 3      # 1 to 10: more is narrower bands and more trades
destination = 0.75     # 0 trades back to the target, 0.9 almost to the edge
"""


def _key(name: str) -> str:
    bare = name.isascii() and name.isalnum()
    return name if bare else _text(name)


def _ratio_high(answers: Answers) -> Decimal:
    ratio = answers.hedge_ratio
    return min(ONE, ratio + ROOM_ABOVE_RATIO) if ratio.is_finite() and ratio <= 1 else ratio


def _hedge(answers: Answers) -> str:
    if answers.hedge_ratio.is_finite() and answers.hedge_ratio == 0:
        return "# No [hedge]: coins and stablecoins only.\n"
    low = min(ZERO, answers.hedge_ratio) if answers.hedge_ratio.is_finite() else ZERO
    leverage = MARGINS.get(answers.margin, MARGINS["usual"])
    return f"""\
[hedge]
# Shares of the core's coins sold short, as insurance against a fall.
ratio = {_band((low, answers.hedge_ratio, _ratio_high(answers)))}
instrument = "linear-perpetual"
outer = 0.01           # share of equity: a wider gap is traded
inner = 0.005          # back to this gap
# Value of the shorts over the money in the futures wallet.
leverage = {_band(leverage)}
"""


def _free_share(answers: Answers) -> Decimal:
    """Return the usual reserve, or what the core and its hedge at their highest leave of it."""
    high, ratio = answers.core[2], _ratio_high(answers)
    if not (high.is_finite() and ratio.is_finite() and ZERO <= high <= 1 and ZERO <= ratio <= 1):
        return USUAL_RESERVE
    leverage = MARGINS.get(answers.margin, MARGINS["usual"])[1]
    hedged = ratio if answers.hedge_ratio else ZERO
    left = (1 - high * (1 + hedged / leverage)).quantize(CENT, ROUND_DOWN)
    return max(ZERO, min(USUAL_RESERVE, left))


def _reserve(answers: Answers) -> str:
    return f"""\
[reserve]
minimum = {_number(_free_share(answers))}         # share of equity never spent
assets = [{_text(answers.quote)}]
"""


def _ending(answers: Answers) -> str:
    text = f"""\
[schedule]
cron = {_text(answers.cron)}   # minute hour day month weekday, UTC
cooldown_hours = 6     # rest of a coin after a trade that added risk

[limits]
profile = {_text(answers.profile)}     # "retail" or "small-fund": sets every limit
"""
    if answers.profile != RETAIL:
        return text
    return f"""\
{text}# Faster than the cautious profile; remove these lines for its pace.
max_order_value = 25_000     # {answers.quote if answers.quote.isalnum() else "quote"}, one order
max_order_share = 0.10       # of equity, one order
max_orders_per_minute = 30
max_daily_turnover = 0.50    # of equity
"""
