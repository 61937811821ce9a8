import pytest

from keepsight.app.engine.contrast import SIGN, TEXT, contrast, readable


def test_black_and_white_are_the_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#336699", "#336699") == 1


def test_known_contrasts() -> None:
    """Greys that just pass and just fail on white, as WCAG's own checkers have them."""
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#949494", "#ffffff") == pytest.approx(3.03, abs=0.005)


def test_what_reads_stays_as_it_is() -> None:
    assert readable("#0072B2", "#ffffff") == "#0072B2"


@pytest.mark.parametrize("least", [SIGN, TEXT])
@pytest.mark.parametrize("ground", ["#ffffff", "#fbfbfc", "#26282c", "#000000", "#808080"])
@pytest.mark.parametrize("colour", ["#F0E442", "#0072B2", "#808080", "#ffffff", "#000000", "#ff0000"])
def test_every_colour_is_made_to_read(colour: str, ground: str, least: float) -> None:
    shade = readable(colour, ground, least)
    # On a middle grey nothing reads better than black or white.
    assert contrast(shade, ground) >= min(least, max(contrast(end, ground) for end in ("#000000", "#ffffff")))


def test_the_hue_stays() -> None:
    shade = readable("#F0E442", "#ffffff")
    red, green, blue = bytes.fromhex(shade[1:])
    assert red > green > 2 * blue
