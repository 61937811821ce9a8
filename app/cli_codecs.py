"""Commands that need no classifier: codecs, encode, decode."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keepsight.app.cli_guide import GuideMapOption, GuideOption, load_guiding
from keepsight.app.cli_output import complain, out, print_json

if TYPE_CHECKING:
    from keepsight.codecs.base import Codec, Pixels
    from keepsight.codecs.guide import Guide, RegionGuide
    from keepsight.codecs.prefilters.base import Prefilter


def codecs(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    add: Annotated[
        Path | None, typer.Option(metavar="CARD.toml", help="Add the command-line codec of this card.")
    ] = None,
    remove: Annotated[str | None, typer.Option(metavar="ID", help="Remove a codec that was added.")] = None,
) -> None:
    """List the codecs and prefilters with their options, what those take, and the rates of a sweep."""
    from keepsight.codecs import external, registry

    if add:
        card = external.add_card(add, registry.all_codecs().values())
        out.print(f"Added “{card.id}”. It runs “{card.encode[0]}” and “{card.decode[0]}”.", markup=False)
    if remove:
        out.print(f"Removed “{external.remove_card(remove)}”.", markup=False, soft_wrap=True)
    if add or remove:
        registry.refresh()
        return
    for note in registry.notes():
        complain(note)
    found = registry.all_codecs().values()
    if as_json:
        prefilters = [_described(prefilter, "prefilter") for prefilter in registry.all_prefilters().values()]
        print_json([_described(codec, "codec") | _rates(codec) for codec in found] + prefilters)
        return
    for codec in found:
        out.print(f"[bold]{codec.id}[/]  {codec.label}" + ("" if codec.rate_option else ", lossless"))
        _print_options(codec, "")
        if codec.rate_option:
            ladder = ", ".join(f"{value:.10g}" for value in codec.ladder_values)
            out.print(f"  Swept over {codec.rate_option}: {ladder}", markup=False)
    out.print("\nPrefilters, any number of them before a codec, joined by “+”:")
    for prefilter in registry.all_prefilters().values():
        out.print(f"[bold]{prefilter.id}[/]  {prefilter.label}")
        _print_options(prefilter, f"{prefilter.id}.")


def _print_options(stage: "Codec | Prefilter", prefix: str) -> None:
    """Print each option beside what it means, in two columns."""
    from rich.table import Table
    from rich.text import Text

    rows = Table.grid("", "", padding=(0, 2))
    for field in stage.options.fields():
        given = Text(f"  --set {prefix}{field.name}={field.default}", no_wrap=True, overflow="fold")
        rows.add_row(given, Text(f"{field.accepts}. {field.help}"))
    out.print(rows)


def _rates(codec: "Codec") -> dict[str, Any]:
    return {
        "suffix": codec.suffix,
        "version": codec.version,
        "lossless": codec.rate_option is None,
        "rate_option": codec.rate_option,
        "ladder": [options.model_dump(mode="json") for options in codec.ladder()],
    }


def _described(stage: "Codec | Prefilter", kind: str) -> dict[str, Any]:
    return {
        "id": stage.id,
        "label": stage.label,
        "kind": kind,
        "guided": stage.guided,
        "options": [
            {
                "name": field.name,
                "label": field.label,
                "help": field.help,
                "kind": field.kind,
                "default": field.default,
                "low": field.low,
                "high": field.high,
                "choices": list(field.choices),
            }
            for field in stage.options.fields()
        ],
    }


def encode(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A photo.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The compressed file.")],
    codec: Annotated[
        str,
        typer.Option(
            help="Which codec (“keepsight codecs” lists them), stages joined by + or a pipeline's JSON file."
        ),
    ],
    guide: GuideOption = "imagenet",
    guide_map: GuideMapOption = None,
    region: Annotated[
        Path | None,
        typer.Option(
            metavar="MASK.png",
            help="What matters, by hand: a region saved in the window, or a black and white picture. "
            "Guided codecs take it instead of asking the guide.",
        ),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the codec.")
    ] = None,
) -> None:
    """Compress a photo."""
    from keepsight.app.engine import photos, region_files
    from keepsight.app.engine.files import OutputError, check_writable, write_file
    from keepsight.app.engine.trials import code
    from keepsight.app.engine.types import Setting, bits_per_pixel
    from keepsight.codecs import registry

    chosen = registry.get(codec)
    others = {other.suffix for other in registry.all_codecs().values()} - {chosen.suffix}
    if target.suffix.lower() in others:
        raise OutputError(
            f"“{target}” is named like another format. {chosen.label} files end in {chosen.suffix}."
        )
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"“{target}” is the photo itself. Choose another name, so that the original stays.")
    options = chosen.options.parse(_pairs(values or []))
    check_writable(target)
    photo = photos.load(source)
    pixels = photo.pixels
    by_hand = None if region is None else region_files.load_guide(region, photo)
    by: Guide | None = by_hand
    if chosen.searches:
        by = _critic(guide, guide_map, pixels, by_hand)
    elif chosen.guided and by is None:
        guiding = load_guiding(guide, guide_map, "auto")
        by = guiding.guide(pixels) if guiding else None
    coded, found = code(pixels, Setting(chosen.id, options), by)
    data = coded.data
    if found and found.unmet:
        complain(found.unmet)
    write_file(target, data)
    height, width = pixels.shape[:2]
    rate = bits_per_pixel(len(data), height * width)
    out.print(f"{len(data):,} bytes, {rate:.3f} bpp, {width} × {height}, {chosen.label} {options.in_words()}")


def _critic(
    classifiers: str, method: str | None, pixels: "Pixels", by_hand: "RegionGuide | None"
) -> "Guide | None":
    """Return who guides a codec that searches; a region that was drawn takes the place of the map."""
    from keepsight.codecs.guide import Critic, SteeredCritic

    guiding = load_guiding(classifiers, method, "auto", searching=True)
    critic = guiding.critic(pixels) if guiding else None
    if not isinstance(critic, Critic):
        complain(
            "No classifier guides: pixels are compared instead, and what the classifier sees may be lost."
        )
        return by_hand or critic
    return SteeredCritic(critic, by_hand) if by_hand else critic


def _pairs(values: list[str]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise typer.BadParameter(
                f"“{name}{equals}{value}” is not NAME=VALUE, as in quality=50.", param_hint="--set"
            )
    return {name: value for name, _, value in pairs}


def decode(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A compressed file of any codec.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.png", help="The decoded image.")],
    codec: Annotated[
        str | None, typer.Option(help="Which codec wrote the file, where its first bytes do not tell.")
    ] = None,
) -> None:
    """Decode a compressed file to a PNG image."""
    from keepsight.app.engine.files import InputError, OutputError, read_file, write_file
    from keepsight.codecs import registry
    from keepsight.codecs.base import BitstreamError

    if target.suffix.lower() != ".png":
        raise OutputError(f"The image “{target}” must end in .png.")
    data = read_file(source)
    try:
        reader = registry.get(codec) if codec else registry.recognise(data)
        pixels = reader.decode(data)
    except BitstreamError as error:
        raise InputError(
            f"{error} Copy “{source}” again from where it came, or encode the photo anew."
        ) from None
    png = registry.get("png")
    write_file(target, png.encode(pixels, png.options()))
    height, width = pixels.shape[:2]
    out.print(f"{reader.label}, {len(data):,} bytes, {width} × {height}")
