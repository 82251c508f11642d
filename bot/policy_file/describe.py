"""A policy in plain sentences, for a person to check that it says what was meant."""

from collections.abc import Mapping
from decimal import Decimal

from bot.domain.policy import Band, CoreRules, HedgeRules, Limits, Policy, Schedule
from bot.policy.core.bands import optimal_half_width
from bot.policy.hedge.thin_margin import at_high, at_target, collateral, hedge_distance, hedged_share, only_inverse
from bot.policy_file.describe_hedge import contracts_text, describe_hedge_rules
from bot.policy_file.describe_sleeves import describe_sleeves
from bot.policy_file.faults import bound, percent
from bot.policy_file.sections import ANY_TIME

ASSUMED_FEE = Decimal("0.001")
NOT_NARROWER_THAN = Decimal(0)


def describe(policy: Policy) -> tuple[str, ...]:
    """Return what the policy means, one sentence each; widths assume a fee of 10 bp, as no venue is asked."""
    return (
        f"Policy {policy.name}: everything is counted in {policy.quote}.",
        *_core(policy.core),
        *(_hedge(policy, policy.hedge) if policy.hedge else (_unhedged(policy),)),
        *describe_sleeves(policy),
        _reserve(policy),
        *_schedule(policy.schedule),
        *_limits(policy.limits, policy.quote),
    )


def span(low: Decimal, high: Decimal) -> str:
    """Return a range of fractions in percent: 60–80 %."""
    return f"{percent(low).removesuffix(' %')}–{percent(high)}"


def _core(core: CoreRules) -> tuple[str, ...]:
    first = f"Core: {span(core.band.low, core.band.high)} of equity, aim {percent(core.band.target)}"
    back = (
        "Trades go back to the target itself."
        if core.destination == 0
        else f"Trades go back to {percent(core.destination)} of the way from the target to the edge."
    )
    return (
        f"{first}.",
        *(_asset(core, asset, share) for asset, share in core.assets.items()),
        back,
        *_coins("Never sold", core.never_sell),
        *_coins("Held elsewhere, counted but not traded", core.held_elsewhere),
    )


def _asset(core: CoreRules, asset: str, share: Decimal) -> str:
    if share == 1:
        return f"{asset}: the whole core."
    chosen = core.half_widths.get(asset)
    width = optimal_half_width(share, ASSUMED_FEE, ASSUMED_FEE, core.risk_aversion) if chosen is None else chosen
    low, high = max(NOT_NARROWER_THAN, share - width) * 100, (share + width) * 100
    why = "optimal at 10 bp fees" if chosen is None else "as written"
    return f"{asset}: {percent(share)} of the core, band {low:.1f}–{high:.1f} % ({why})."


def _coins(what: str, coins: Mapping[str, Decimal]) -> tuple[str, ...]:
    if not coins:
        return ()
    return (f"{what}: {', '.join(f'{bound(number)} {asset}' for asset, number in coins.items())}.",)


def _unhedged(policy: Policy) -> str:
    return "Hedge: none." if policy.carry or policy.tactical else "Hedge: none, coins only."


def _hedge(policy: Policy, hedge: HedgeRules) -> tuple[str, ...]:
    leverage = hedge.leverage
    share = collateral(policy.core.band.target, hedged_share(policy.core, hedge, at_target), hedge)
    most = collateral(policy.core.band.high, hedged_share(policy.core, hedge, at_high), hedge)
    return (
        f"Hedge: {_ratio(hedge.ratio)} of the core's coins sold short, {contracts_text(hedge)}.",
        *(f"Hedge of {asset}: {_ratio(band)} of its coins." for asset, band in sorted(hedge.overrides.items())),
        f"A hedge off by more than {percent(hedge.outer)} of equity is traded back to {percent(hedge.inner)}.",
        f"Futures wallet: leverage {bound(leverage.low)}–{bound(leverage.high)}, aim {bound(leverage.target)}; "
        f"that takes about {percent(share)} of equity as collateral, at most {percent(most)}"
        f"{', in coins of the core' if only_inverse(hedge) else ''}.",
        *_liquidation(policy.limits, hedge),
        *describe_hedge_rules(hedge),
    )


def _liquidation(limits: Limits, hedge: HedgeRules) -> tuple[str, ...]:
    target, high = hedge.leverage.target, hedge.leverage.high
    at_aim, distance = hedge_distance(hedge, target), hedge_distance(hedge, high)
    first = (
        f"At leverage {bound(target)} no rally would liquidate the shorts."
        if at_aim is None
        else f"At leverage {bound(target)} a rally of {percent(at_aim)} would liquidate the shorts."
    )
    if distance is None or distance >= limits.min_liquidation_distance:
        return (first,)
    return first, (
        f"At leverage {bound(high)} that is {percent(distance)}, nearer than the limit of "
        f"{percent(limits.min_liquidation_distance)}: shorts grow again only after collateral has moved."
    )


def _ratio(band: Band) -> str:
    return f"{span(band.low, band.high)}, aim {percent(band.target)},"


def _reserve(policy: Policy) -> str:
    return f"Reserve: at least {percent(policy.reserve.minimum)} of equity in {', '.join(policy.reserve.assets)}."


def _schedule(schedule: Schedule) -> tuple[str, ...]:
    poll = f" and every {schedule.poll_seconds} s it acts when a band is left" if schedule.poll_seconds else ""
    rest = f"After a trade that adds risk a coin rests {bound(schedule.cooldown_hours)} h."
    return f"Schedule: {explain_cron(schedule.cron)}{poll}.", rest


def explain_cron(cron: str) -> str:
    """Return a valid cron expression in words."""
    from cronsim import CronSim  # noqa: PLC0415 - only who reads a schedule pays for it

    return f"cron {cron} (UTC): {CronSim(cron, ANY_TIME).explain()}"


def _limits(limits: Limits, quote: str) -> tuple[str, ...]:
    return (
        f"One order: at most {bound(limits.max_order_value)} {quote} and {percent(limits.max_order_share)} of equity, "
        f"at most {percent(limits.price_collar)} from the price.",
        f"One day: at most {percent(limits.max_daily_turnover)} of equity turned over; "
        f"risk is only reduced after a loss of {percent(limits.max_daily_loss)}, "
        f"or {percent(limits.max_drawdown)} from the peak.",
        f"A plan that turns over more than {percent(limits.approval_above)} of equity waits for a person.",
    )
