"""A robustness matrix to files: CSV, and a heat map for print."""

import csv
import io
import textwrap
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from keepsight.app.engine import naming
from keepsight.app.engine.files import write_file
from keepsight.app.engine.printing import check_figure, printed
from keepsight.app.engine.robustness import Cell, Matrix
from keepsight.codecs import registry

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = (*(field.name for field in fields(Cell)), "anchor", "loss")

_SCALE = (0.1, 0.6)
"""The colours span at least and at most these shares of the anchor's bytes, either way."""
_OUTLINES: dict[str, Literal["solid", "dashed"]] = {"guide": "solid", "twin": "dashed"}
"""Line styles of cells whose judge the guide knows."""


def write_matrix_csv(path: Path, matrix: Matrix) -> None:
    """Write one row per cell. Raises `OutputError`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cell in matrix.cells:
        values = [getattr(cell, field.name) for field in fields(Cell)]
        writer.writerow([_text(value) for value in (*values, matrix.anchor, matrix.loss)])
    write_file(path, text.getvalue().encode())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def write_heat_map(path: Path, matrix: Matrix, title: str) -> None:
    """Draw the matrix, SVG, PDF or PNG by the file's ending. Raises `OutputError`."""
    check_figure(path)
    write_file(path, heat_map(path.suffix.lower(), matrix, title))


def heat_map(suffix: str, matrix: Matrix, title: str) -> bytes:
    """Return the file of the heat map: a panel for each codec and data set, guides down, judges across.

    Blue saves bytes, red costs them, white is neither; in each cell the figure in percent and its interval.
    """
    codecs, sets = _unique(matrix, "codec"), _unique(matrix, "data")
    guides, judges = _unique(matrix, "guide"), _unique(matrix, "judge")
    size = (2.2 + 1.35 * len(judges) * len(sets), 1.5 + (0.62 * len(guides) + 0.75) * len(codecs))
    return printed(suffix, size, partial(_draw, matrix=matrix, title=title))


def _unique(matrix: Matrix, name: str) -> list[str]:
    return list(dict.fromkeys(getattr(cell, name) for cell in matrix.cells))


def _draw(figure: "Figure", matrix: Matrix, title: str) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.ticker import PercentFormatter

    strongest = max((abs(cell.saved) for cell in matrix.cells if cell.saved is not None), default=0.0)
    most = min(max(strongest, _SCALE[0]), _SCALE[1])
    colours = ScalarMappable(Normalize(-most, most), "RdBu")
    sets = len(_unique(matrix, "data"))
    panels = figure.subplots(len(by_panel(matrix)) // sets, sets, squeeze=False)
    for number, (axes, cells) in enumerate(zip(panels.flat, by_panel(matrix), strict=True)):
        _panel(axes, cells, colours, first=number % sets == 0, last=number + sets >= panels.size)
    bar = figure.colorbar(
        colours,
        ax=panels,
        format=PercentFormatter(1, 0),
        extend="both" if strongest > most else "neither",
        fraction=0.05,
        pad=0.02,
        aspect=12 * len(panels),
    )
    bar.set_label("bytes saved", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    wide = int(14 * figure.get_figwidth())
    figure.suptitle("\n".join(textwrap.wrap(title, wide)), fontsize=10)
    figure.supxlabel("\n".join(textwrap.wrap(_legend(matrix), wide)), fontsize=8, color="0.3")


def _legend(matrix: Matrix) -> str:
    known = {cell.known for cell in matrix.cells}
    told = [f"{matrix.in_words}, with 95 % intervals."]
    told += ["Solid outline: the judge itself guided."] if "guide" in known else []
    told += ["Dashed outline: a twin of the guide (same architecture)."] if "twin" in known else []
    told += ["Hatched: no figure."] if any(cell.saved is None for cell in matrix.cells) else []
    return " ".join(told)


def _panel(axes: "Axes", cells: Sequence[Cell], colours: Any, *, first: bool, last: bool) -> None:
    """Draw one codec on one data set; names of guides on the first panel, of judges under the last."""
    from matplotlib.patches import Rectangle

    guides = list(dict.fromkeys(cell.guide for cell in cells))
    judges = list(dict.fromkeys(cell.judge for cell in cells))
    for cell in cells:
        x, y = judges.index(cell.judge), guides.index(cell.guide)
        told = cell.saved is not None
        face = colours.to_rgba(cell.saved) if told else (1, 1, 1, 1)
        axes.add_patch(
            Rectangle((x, y), 1, 1, facecolor=face, edgecolor="0.75", lw=0.5, hatch=None if told else "////")
        )
        if cell.known:
            inner = Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, fill=False, edgecolor="black", lw=1.4)
            inner.set_linestyle(_OUTLINES[cell.known])
            axes.add_patch(inner)
        if cell.saved is not None:
            dark = sum(face[:3]) < 1.5
            ink = "white" if dark else "black"
            axes.text(x + 0.5, y + 0.4, percent(cell.saved), ha="center", va="center", color=ink, fontsize=10)
            axes.text(
                *(x + 0.5, y + 0.72, interval_of(cell)), ha="center", va="center", color=ink, fontsize=7
            )
    axes.set_xlim(0, len(judges))
    axes.set_ylim(len(guides), 0)
    axes.set_xticks([x + 0.5 for x in range(len(judges))], [_wrapped(name, 18) for name in judges])
    axes.set_yticks([y + 0.5 for y in range(len(guides))], [_wrapped(name, 20) for name in guides])
    axes.tick_params(length=0, labelsize=8, labelleft=first, labelbottom=last)
    axes.spines[:].set_visible(False)
    axes.set_title(heading(cells).replace(": ", "\n"), fontsize=8)
    if first:
        axes.set_ylabel("guide", fontsize=8)
    if last:
        axes.set_xlabel("judge", fontsize=8)


def _wrapped(name: str, width: int) -> str:
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False))


def by_panel(matrix: Matrix) -> list[list[Cell]]:
    """Return the cells of each codec on each data set, the codecs in the outer order."""
    panels: dict[tuple[str, str], list[Cell]] = {}
    for cell in matrix.cells:
        panels.setdefault((cell.codec, cell.data), []).append(cell)
    return list(panels.values())


def heading(cells: Sequence[Cell]) -> str:
    """Return what a panel is of: "Layered ROI, scenes: top-1, 60 photos"."""
    measures = dict.fromkeys({"top1": "top-1", "agreement": "agreement"}[cell.measure] for cell in cells)
    photos = [cell.photos for cell in cells]
    most = naming.photos(max(photos))
    count = f"{min(photos):,} to {most}" if min(photos) < max(photos) else most
    what = f"{registry.get(cells[0].codec).label}, {cells[0].data}"
    return f"{what}: {' or '.join(measures)}, {count}"


def percent(share: float) -> str:
    """Return a share in whole percent with its sign; −0 is 0."""
    return f"{round(100 * share) or 0:+d} %".replace("+0 %", "0 %").replace("-", "−")


def interval_of(cell: Cell) -> str:
    """Return the interval of a cell that has one: "−3 to 12"."""
    assert cell.saved_low is not None
    assert cell.saved_high is not None
    return f"{round(100 * cell.saved_low)} to {round(100 * cell.saved_high)}".replace("-", "−")
