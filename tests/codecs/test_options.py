"""Options declared once: validation, words, JSON."""

import json
from typing import Literal

import pytest

from keepsight.codecs.options import Options, OptionsError, option


class Sample(Options):
    """One of each kind."""

    quality: int = option(75, "Quality", "Higher keeps more.", low=1, high=100)
    scale: float = option(1.0, "Scale", "Size of the picture.", low=0.25, high=4, step=0.25, log=True)
    chroma: Literal["4:4:4", "4:2:0"] = option("4:2:0", "Chroma", "Resolution of the colour planes.")
    fast: bool = option(False, "Fast", "Less care.")


class Nothing(Options):
    """A codec without options."""


def test_fields_are_what_was_declared() -> None:
    quality, scale, chroma, fast = Sample.fields()
    assert (quality.name, quality.label, quality.help) == ("quality", "Quality", "Higher keeps more.")
    assert (quality.kind, quality.default, quality.low, quality.high) == ("int", 75, 1, 100)
    assert (scale.kind, scale.step, scale.log) == ("float", 0.25, True)
    assert (chroma.kind, chroma.choices) == ("choice", ("4:4:4", "4:2:0"))
    assert (fast.kind, fast.default) == ("bool", False)
    assert Nothing.fields() == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quality", "a whole number from 1 to 100"),
        ("scale", "a number from 0.25 to 4"),
        ("chroma", "one of 4:4:4, 4:2:0"),
        ("fast", "true or false"),
    ],
)
def test_what_an_option_accepts(name: str, words: str) -> None:
    assert {field.name: field.accepts for field in Sample.fields()}[name] == words


def test_text_of_a_command_line_is_understood() -> None:
    read = Sample.parse({"quality": "8", "scale": "0.5", "chroma": "4:4:4", "fast": "true"})
    assert read == Sample(quality=8, scale=0.5, chroma="4:4:4", fast=True)
    assert Sample.parse({}) == Sample()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"quality": 0}, "Option “quality” takes a whole number from 1 to 100, not “0”."),
        ({"quality": "many"}, "Option “quality” takes a whole number from 1 to 100, not “many”."),
        ({"quality": 7.5}, "Option “quality” takes a whole number from 1 to 100, not “7.5”."),
        ({"scale": "nan"}, "Option “scale” takes a number from 0.25 to 4, not “nan”."),
        ({"scale": 5}, "Option “scale” takes a number from 0.25 to 4, not “5”."),
        ({"chroma": "4:1:0"}, "Option “chroma” takes one of 4:4:4, 4:2:0, not “4:1:0”."),
        ({"fast": "perhaps"}, "Option “fast” takes true or false, not “perhaps”."),
        ({"speed": 1}, "There is no option “speed”. Options here: quality, scale, chroma, fast."),
    ],
)
def test_errors_name_the_option_and_what_it_takes(values: dict[str, object], message: str) -> None:
    with pytest.raises(OptionsError) as error:
        Sample.parse(values)
    assert str(error.value) == message


def test_a_codec_without_options_says_so() -> None:
    with pytest.raises(OptionsError, match="Options here: none"):
        Nothing.parse({"quality": 1})


def test_replace_checks_and_leaves_the_original() -> None:
    base = Sample()
    assert base.replace(quality=5) == Sample(quality=5)
    assert base.quality == 75
    with pytest.raises(OptionsError):
        base.replace(quality=500)


def test_options_are_frozen_comparable_and_hashable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Sample().__setattr__("quality", 3)
    assert len({Sample(), Sample(quality=75), Sample(quality=5)}) == 2


def test_json_holds_every_value_in_order() -> None:
    text = Sample(fast=True).to_json()
    assert text == '{"quality":75,"scale":1.0,"chroma":"4:2:0","fast":true}'
    assert Sample.parse(json.loads(text)) == Sample(fast=True)
    assert Nothing().to_json() == "{}"


def test_words_name_the_first_option_and_the_changed_ones() -> None:
    assert Sample().in_words() == "quality 75"
    assert Sample(quality=8, chroma="4:4:4").in_words() == "quality 8 · chroma 4:4:4"
    assert Sample(scale=0.5, fast=True).in_words() == "quality 75 · scale 0.5 · fast on"
    assert Nothing().in_words() == ""
