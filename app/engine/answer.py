"""The answer first: what figures say in a few plain sentences."""

from collections.abc import Sequence

from keepsight.app.engine.equal_accuracy import Rate
from keepsight.app.engine.figures import bandwidth_in_words
from keepsight.app.engine.findings import Findings
from keepsight.app.engine.naming import label


def answer(found: Findings) -> list[str]:
    """Return the sentences, the most important first."""
    return [*_sizes(found), *_speeds(found)]


def goal(found: Findings, loss: float) -> str:
    """Return what a loss asks for: “a top-1 accuracy 5 points below …”."""
    target = found.reference - loss
    if found.measure == "top1":
        points = f"{100 * loss:.0f} point{'' if round(100 * loss) == 1 else 's'}"
        against = f"({target:.3f} against {found.reference:.3f})"
        return f"a top-1 accuracy {points} below the uncompressed photos’ {against}"
    return f"{100 * target:.0f} % agreement with the predictions on the uncompressed photos"


def percent(value: float, low: float, high: float) -> str:
    """Return shares as “26 % (8 to 39)”."""
    return f"{_whole(value)} % ({_whole(low)} to {_whole(high)})"


def _whole(share: float) -> str:
    return f"{100 * share:.0f}".replace("-0", "0").replace("-", "−")


def _sizes(found: Findings) -> list[str]:
    ranked = found.rates.get(found.headline, ())
    if not ranked:
        return [
            "No codec’s settings reach from below to above "
            f"{goal(found, found.headline)}, so nothing is said of the bytes that this takes."
        ]
    others = [rate for rate in ranked if rate.codec != found.anchor]
    compared = len(others) < len(ranked)
    if not others or not compared:
        first = ranked[0]
        alone = (
            "No other codec gets there, so there is nothing to compare it with."
            if len(ranked) == 1
            else f"{label(found.anchor or '')}, with which codecs are compared, does not get there."
        )
        return [
            f"For {goal(found, found.headline)}, {label(first.codec)} needs {first.bytes:,.0f} bytes a photo "
            f"(95 % interval {first.low:,.0f} to {first.high:,.0f}). {alone}"
        ]
    anchor = next(rate for rate in ranked if rate.codec == found.anchor)
    return [_lead(found, others, anchor), *_others(others[1:], anchor)]


def _lead(found: Findings, others: Sequence[Rate], anchor: Rate) -> str:
    best, name = others[0], label(anchor.codec)
    start = f"For {goal(found, found.headline)}, "
    sizes = f"{best.bytes:,.0f} a photo against {anchor.bytes:,.0f}"
    saved = percent(best.saved, best.saved_low, best.saved_high)
    if best.saved_low > 0:
        return f"{start}{label(best.codec)} needs {saved} fewer bytes than {name}: {sizes}."
    if best.saved_high < 0:
        more = percent(-best.saved, -best.saved_high, -best.saved_low)
        return (
            f"{start}{name} needs the fewest bytes; {label(best.codec)} comes next with {more} more: {sizes}."
        )
    return (
        f"{start}these photos do not tell which codec is better than {name}: {label(best.codec)} comes first "
        f"with {saved} fewer bytes, {sizes}, and that interval holds zero."
    )


def _others(others: Sequence[Rate], anchor: Rate) -> list[str]:
    name = label(anchor.codec)
    groups = {
        f"fewer bytes than {name} too": [rate for rate in others if rate.saved_low > 0],
        f"more bytes than {name}": [rate for rate in others if rate.saved_high < 0],
    }
    parts = [
        f"{_list(rates)} need{'s' * (len(rates) == 1)} {what}" for what, rates in groups.items() if rates
    ]
    unsure = [rate for rate in others if rate.saved_low <= 0 <= rate.saved_high]
    if unsure:
        parts.append(f"{_list(unsure)} {'is' if len(unsure) == 1 else 'are'} not told from {name}")
    return [f"Of the others, {'; '.join(parts)}."] if parts else []


def _list(rates: Sequence[Rate]) -> str:
    names = [label(rate.codec) for rate in rates]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _speeds(found: Findings) -> list[str]:
    if len(found.curves) < 2 or not found.winners:
        return []
    where = "At that accuracy" if found.rates.get(found.headline) else f"At {goal(found, found.headline)}"
    first, *rest = found.winners
    start = f"{where}, {label(first.codec)} takes the least time from pixels to class"
    if not rest:
        return [f"{start} over a link of any speed."]
    steps = [f"{label(one.codec)} up to {bandwidth_in_words(one.high)}" for one in rest[:-1]]
    steps.append(f"{label(rest[-1].codec)} on faster ones")
    return [f"{start} over links up to {bandwidth_in_words(first.high)}, {', '.join(steps)}."]
