"""Figures in a light and a dark style."""

from io import BytesIO

import pytest
from PIL import Image

from keepsight.app.engine.figures import METRICS, curves_figure
from keepsight.app.engine.printing import FIGURE_SUFFIXES, Style, render
from keepsight.app.engine.types import Curve, CurvePoint, Share


def points() -> list[CurvePoint]:
    share = Share(0.5, 0.4, 0.6)
    figures = dict.fromkeys(("p_true", "p_kept", "kl", "ssim", "ms_ssim", "bpp"), 0.5)
    times = dict.fromkeys(("encode_ms", "decode_ms", "classify_ms"), 1.0)
    shares = dict.fromkeys(("top1", "top5", "agreement"), share)
    return [
        CurvePoint("jpeg", "{}", 10, 0, size, psnr=30.0, **shares, **figures, **times)
        for size in (1000.0, 2000.0)
    ]


@pytest.mark.parametrize(("style", "ground"), [("light", (255, 255, 255)), ("dark", (38, 40, 44))])
def test_the_ground_is_that_of_the_style(style: Style, ground: tuple[int, int, int]) -> None:
    figure = curves_figure([Curve("jpeg", points())], "top1", 0.9, "Title", style)
    image = Image.open(BytesIO(render(figure, ".png"))).convert("RGB")
    assert image.getpixel((2, 2)) == ground
    title = figure.axes[0].title.get_color()
    assert title == ("black" if style == "light" else "#e6e6e6")


@pytest.mark.parametrize("suffix", FIGURE_SUFFIXES)
def test_every_metric_can_be_drawn(suffix: str) -> None:
    for name in METRICS:
        assert render(curves_figure([Curve("jpeg", points())], name, None, ""), suffix)
