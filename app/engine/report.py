"""One HTML file that holds a whole report: figures, tables, versions, and how it came to be."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from keepsight.app.engine import contrast, figures, naming
from keepsight.app.engine.answer import answer, goal
from keepsight.app.engine.bd import BAND, FEWEST, Delta
from keepsight.app.engine.draws import RESAMPLES
from keepsight.app.engine.files import OutputError, write_file
from keepsight.app.engine.findings import LOSSES, Findings
from keepsight.app.engine.printing import render
from keepsight.app.engine.store_curves import TIMED_PHOTOS
from keepsight.app.engine.types import CurvePoint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["svg", "pdf", "png"]
FORMATS: tuple[Format, ...] = get_args(Format)
_MOST_RUNS = 5
_PAPER = "#ffffff"


@dataclass(frozen=True)
class Section:
    """What the report says of one study, as its template asks for it."""

    found: Findings
    id: str
    """Of its place in the file."""

    @cached_property
    def title(self) -> str:
        """Classifier, protocol and who guided."""
        guide = f", guided by {self.guide}" if self.guide else ""
        return f"{self.classifier}, protocol {self.found.study.protocol}{guide}"

    @property
    def classifier(self) -> str:
        """Its name where a run noted it, else its fingerprint."""
        names = [about.classifier for _, about in self.found.runs]
        return names[-1] if names else f"Classifier {self.found.study.classifier}"

    @property
    def guide(self) -> str:
        """Who guided, in words where a run noted them."""
        named = [about.guide_in_words for _, about in self.found.runs if about.guide == self.found.guide]
        return (named[-1] if named else self.found.guide) if self.found.guide else ""

    @property
    def answer(self) -> list[str]:
        """See `answer.answer`."""
        return answer(self.found)

    @property
    def failed(self) -> int:
        """Rows that failed in all its runs."""
        return sum(run.failed for run, _ in self.found.runs)

    @property
    def failures(self) -> list[str]:
        """The first of their sentences, each once."""
        return list(dict.fromkeys(sentence for run, _ in self.found.runs for sentence in run.failures))

    @property
    def runs(self) -> list[tuple[object, object, int]]:
        """The runs with the most rows, the oldest first: as stored, as described, its rows."""
        rows = self.found.rows_by_run
        most = sorted(self.found.runs, key=lambda one: -rows.get(one[0].id, 0))[:_MOST_RUNS]
        return [(run, about, rows.get(run.id, 0)) for run, about in self.found.runs if (run, about) in most]

    @property
    def deltas(self) -> list[Delta]:
        """Those that there are, the fewest bytes first."""
        return sorted((one for one in self.found.deltas if isinstance(one, Delta)), key=lambda one: one.rate)

    @property
    def refusals(self) -> list[object]:
        """The codecs without a delta."""
        return [one for one in self.found.deltas if not isinstance(one, Delta)]

    @property
    def points(self) -> list[CurvePoint]:
        """All settings."""
        return [point for curve in self.found.curves for point in curve.points]

    @property
    def metrics(self) -> list[str]:
        """Names of `figures.METRICS` that were measured, beside the accuracy itself."""
        shown = set(figures.METRICS) - {"top1", self.found.measure}
        shown -= {"p_kept"} if self.found.measure == "top1" else set()
        known = [point for point in self.points if point.photos]
        return [
            name
            for name, metric in figures.METRICS.items()
            if name in shown and any(metric.read(point) is not None for point in known)
        ]

    def figures(self, *, legend: bool) -> "Iterator[tuple[str, Figure]]":
        """Yield every figure with its name; `legend` for those that stand without the report around them."""
        found = self.found
        title = f"{self.title}, {naming.photos(found.uncompressed.photos if found.uncompressed else 0)}"
        yield "accuracy", figures.accuracy_figure(found.curves, found.uncompressed, title if legend else "")
        for name in self.metrics:
            yield name, figures.metric_figure(found.curves, name, legend=legend)
        if self.saved:
            yield "saved", figures.saved_figure(found.rates[found.headline], found.anchor or "")
        for bandwidth, times in found.fastest.items():
            if times:
                name = f"latency-{bandwidth / 1e6:g}-mbit"
                yield name, figures.latency_figure(times, bandwidth, legend=legend)

    @property
    def saved(self) -> bool:
        """Whether any codec can be compared with the anchor at the headline's loss."""
        codecs = [rate.codec for rate in self.found.rates.get(self.found.headline, ())]
        return self.found.anchor in codecs and len(codecs) > 1


def write_report(path: Path, found: Sequence[Findings], store: str) -> None:
    """Write the report of what a store, called `store`, holds. Raises `OutputError`."""
    write_file(path, page(found, store).encode())


def page(found: Sequence[Findings], store: str) -> str:
    """Return the report as HTML that asks for nothing outside of itself."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(lambda name: files("keepsight.resources").joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "label": naming.label,
        "colour": lambda codec: contrast.readable(naming.colour(codec), _PAPER),
        "in_words": naming.setting,
        "goal": goal,
        "METRICS": figures.METRICS,
        "LOSSES": LOSSES,
        "BAND": BAND,
        "FEWEST": FEWEST,
        "RESAMPLES": RESAMPLES,
        "TIMED_PHOTOS": TIMED_PHOTOS,
        "step_colours": figures.step_colours(),
        "bandwidth": figures.bandwidth_in_words,
    }
    environment.filters |= _FILTERS
    sections = _sections(found)
    drawn = {section.id: _inline(section) for section in sections}
    return environment.get_template("report.html").render(
        sections=sections,
        drawn=drawn,
        store=store,
        version=version("keepsight"),
        today=datetime.now(UTC).strftime("%Y-%m-%d"),
    )


def write_figures(folder: Path, found: Sequence[Findings], formats: Sequence[Format]) -> list[Path]:
    """Write every figure of the report into a folder, and return the files. Raises `OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder “{folder}” cannot be made ({error.strerror}). Choose another one."
        ) from None
    sections = _sections(found)
    written = []
    for section in sections:
        before = f"{section.id}-" if len(sections) > 1 else ""
        for name, figure in section.figures(legend=True):
            for ending in formats:
                written.append(folder / f"{before}{name}.{ending}")
                write_file(written[-1], render(figure, f".{ending}"))
    return written


def _sections(found: Sequence[Findings]) -> list[Section]:
    return [
        Section(one, f"{place}-{one.study.protocol}-{one.study.classifier[:8]}")
        for place, one in enumerate(found, 1)
    ]


def _inline(section: Section) -> dict[str, str]:
    """Return each figure as SVG to stand inside HTML, with ids of its own."""
    from markupsafe import Markup

    drawn: dict[str, str] = {}
    for name, figure in section.figures(legend=False):
        text = render(figure, ".svg").decode()
        text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
        text = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>s{section.id}-{name}-", text)
        words = html.escape(_alternative(section, name), quote=True)
        drawn[name] = Markup(text.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1))
    return drawn


def _alternative(section: Section, name: str) -> str:
    """Return what stands for a figure where it cannot be seen."""
    if name in figures.METRICS:
        return f"{figures.METRICS[name].label} over bytes, by codec, as in the table of all settings"
    if name == "accuracy":
        return f"Accuracy over bytes, by codec, as in the table of all settings: {section.title}"
    return "As in the table beside"


def _signed(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def _when(moment: str | None) -> str:
    return moment[:16].replace("T", " ") + " UTC" if moment else "never: the program was stopped"


_FILTERS: Mapping[str, Callable[..., str]] = {"signed": _signed, "number": _number, "when": _when}
