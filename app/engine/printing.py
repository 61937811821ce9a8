"""Figures for print, drawn by matplotlib into SVG, PDF or PNG."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from keepsight.app.engine import contrast, naming
from keepsight.app.engine.files import OutputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURE_SUFFIXES = (".svg", ".pdf", ".png")

Style = Literal["light", "dark"]
"""Dark letters on white paper, or light ones on a dark slide."""

_SLIDE, _LETTERS = "#26282c", "#e6e6e6"
"""Colours of a dark figure."""
_GROUNDS = ("figure.facecolor", "axes.facecolor")
_INKS = (
    *("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor"),
    *("xtick.color", "ytick.color"),
)


def check_figure(path: Path) -> None:
    """Raise `OutputError` unless the file's ending is one of `FIGURE_SUFFIXES`."""
    if path.suffix.lower() not in FIGURE_SUFFIXES:
        raise OutputError(f"The figure “{path}” must end in {', '.join(FIGURE_SUFFIXES)}.")


def printed(suffix: str, size: tuple[float, float], draw: "Callable[[Figure], None]") -> bytes:
    """Draw a figure of that size in inches and return its file, as `render` does."""
    from matplotlib.figure import Figure  # takes most of a second

    figure = Figure(figsize=size, layout="constrained")
    draw(figure)
    return render(figure, suffix)


def styled(style: Style) -> AbstractContextManager[None]:
    """Return a context: what is drawn within has this style."""
    import matplotlib as mpl

    rules: dict[Any, Any] = dict.fromkeys(_GROUNDS, _SLIDE) | dict.fromkeys(_INKS, _LETTERS)
    return mpl.rc_context(rules if style == "dark" else {})


def accent(axes: "Axes", codec_id: str) -> str:
    """Return the codec's accent "#rrggbb", in a shade that is seen on the ground of the plot."""
    from matplotlib.colors import to_hex

    return contrast.readable(naming.colour(codec_id), to_hex(axes.get_facecolor()))


def render(figure: "Figure", suffix: str) -> bytes:
    """Return the file of a figure, by the ending that it is to have (`FIGURE_SUFFIXES`).

    The same drawing gives the same file: ids are fixed and there is no date. Text stays text.
    """
    import matplotlib as mpl

    picture = io.BytesIO()
    metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[suffix]
    with mpl.rc_context({"svg.hashsalt": "keepsight", "svg.fonttype": "none", "pdf.fonttype": 42}):
        figure.savefig(picture, format=suffix[1:], dpi=200, metadata=metadata)
    return picture.getvalue()
