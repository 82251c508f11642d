"""init: the article's five steps as five questions, and a commented policy as the answer."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Home, Json
from bot.errors import SettingsRefused

INIT_HELP = """Answer five questions and get a commented policy file.

Flags answer instead of questions, for scripts; what is not given keeps its default with --yes.

Example: poise init --core 70 --assets BTC=50,ETH=30,SOL=20 --hedge 15 --yes
"""
EIGHT_HOURLY = "5 0,8,16 * * *"
TEN_POINTS = Decimal("0.1")


def init(
    home: Home = None,
    core: Annotated[
        str | None, typer.Option("--core", help="1. Per cent of everything held as spot core.", show_default=False)
    ] = None,
    assets: Annotated[
        str | None, typer.Option("--assets", help="1. Per cent of the core by asset.", show_default=False)
    ] = None,
    margin: Annotated[
        str | None,
        typer.Option("--margin", help="2. Collateral of the hedge: ample, usual or lean.", show_default=False),
    ] = None,
    hedge: Annotated[
        str | None, typer.Option("--hedge", help="3. Per cent of the core sold short, 0 for none.", show_default=False)
    ] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="5. Cron expression in UTC.", show_default=False)
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="Limits: retail or small-fund.")] = "retail",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write (HOME/policy.toml).", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; defaults for what is not given.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    as_json: Json = False,
) -> int:
    """Write a policy from five answers."""
    from bot.policy_file.answers import Answers, policy_text
    from bot.report.envelope import envelope

    chosen = options.settings(home)
    target = output or chosen.home / "policy.toml"
    if options.is_there(target) and not force:
        raise SettingsRefused(f"{target} exists already", mend=f"poise init --force, or poise check {target}")
    ask = _Asker(silent=yes or as_json)
    answers = Answers(
        name=target.stem if output else "mine",
        core=_band(_share("--core", ask("1. How much of everything is core, in per cent", core, "70"))),
        assets=_shares("--assets", ask("   The core's coins and their per cent", assets, "BTC=50,ETH=30,SOL=20")),
        margin=ask("2. Collateral in the futures wallet: ample, usual or lean", margin, "usual"),
        hedge_ratio=_share("--hedge", ask("3. How much of the core is sold short, in per cent (0: none)", hedge, "15")),
        cron=ask("5. When to look, as cron in UTC", schedule, EIGHT_HOURLY),
        profile=profile,
    )
    ask.note("4. Tactical rules are left off: policies/whole-book.toml shows them.")
    text = policy_text(answers)
    _write(target, text)
    if as_json:
        typer.echo(envelope("init", {"file": str(target), "policy": text}))
    else:
        file = printable(str(target))
        typer.echo(f"written: {file}\nNext:  poise check {file}   ·   poise plan --policy {file}")
    return ExitCode.DONE


class _Asker:
    """Asks what was not answered by a flag; silent, it takes the default."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent

    def __call__(self, question: str, given: str | None, default: str) -> str:
        if given is not None or self.silent:
            return default if given is None else given
        return str(typer.prompt(question, default=default))

    def note(self, text: str) -> None:
        """Say something to a person."""
        if not self.silent:
            typer.echo(text)


def _number(option: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        raise SettingsRefused(
            f"{option} is {text[:40]!r}, which is no number", mend=f"poise init {option} 70"
        ) from None
    if not number.is_finite() or number < 0:
        raise SettingsRefused(f"{option} is {text[:40]!r}: it must be zero or more", mend=f"poise init {option} 70")
    return number


def _share(option: str, text: str) -> Decimal:
    """Return a share from per cent; above 100 it is refused."""
    number = _number(option, text)
    if number > 100:  # noqa: PLR2004  the whole, in per cent
        raise SettingsRefused(f"{option} is {text[:40]!r}: at most 100 per cent", mend=f"poise init {option} 70")
    return number / 100


def _band(target: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return low, target and high: ten points either side, inside 0 and 1."""
    return max(target - TEN_POINTS, Decimal(0)), target, min(target + TEN_POINTS, Decimal(1))


def _shares(option: str, text: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in text.split(","):
        asset, _, share = part.partition("=")
        if not share:
            raise SettingsRefused(
                f"{option} has {part[:40]!r}: a coin and its per cent are meant",
                mend=f"poise init {option} BTC=60,ETH=40",
            )
        found[asset.strip().upper()] = _share(option, share)
    return found


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsRefused(
            f"{target} cannot be written: {error.strerror}", mend="poise init --output policy.toml"
        ) from error
