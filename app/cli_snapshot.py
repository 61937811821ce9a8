"""The command snapshot: the window as a picture, without a display."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from keepsight.app.cli_judge import ClassifierOption
from keepsight.app.cli_measure import listed


def snapshot(
    out: Annotated[Path, typer.Argument(metavar="OUT.png", help="The picture to write.")],
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PHOTO|FOLDER]...")] = None,
    classifier: ClassifierOption = "imagenet",
    width: Annotated[int, typer.Option(min=640, max=7680, help="Of the window, in logical pixels.")] = 1480,
    height: Annotated[int, typer.Option(min=480, max=4320, help="Of the window, in logical pixels.")] = 1060,
    scale: Annotated[float, typer.Option(min=1, max=4, help="Pixels of the picture per logical pixel.")] = 1,
    photos: Annotated[int, typer.Option(min=0, help="How many photos the sweep reads.")] = 8,
    codecs: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="What the panes show, such as keep,jpeg:quality=8."),
    ] = None,
    mode: Annotated[
        Literal["side-by-side", "wipe", "blink", "difference"], typer.Option(help="How panes are compared.")
    ] = "side-by-side",
    map_: Annotated[
        str | None, typer.Option("--map", metavar="MAP|none", help="The saliency map, or none.")
    ] = None,
    tab: Annotated[
        str | None, typer.Option(metavar="NAME", help="The tab below, such as Flips or Latency.")
    ] = None,
    theme: Annotated[Literal["dark", "light"], typer.Option(help="The colours.")] = "dark",
) -> None:
    """Render the whole window off-screen, after its work is done, to a picture."""
    from keepsight.app.engine.data import check_readable
    from keepsight.app.engine.files import OutputError, check_writable
    from keepsight.app.engine.stages import default_setting, setting_of, stages_of
    from keepsight.codecs import registry
    from keepsight.models.maps.registry import parse_mix

    if out.suffix.lower() != ".png":
        raise OutputError(f"The picture “{out}” must end in .png.")
    check_writable(out)
    check_readable(paths or [])
    specs = [] if codecs is None else listed(codecs, "--codecs")
    panes = [setting_of(stages_of(default_setting(registry.get(spec)))) for spec in specs]
    if map_ is not None and map_ != "none":
        parse_mix(map_)  # a map that is not known is refused before anything is drawn
    from keepsight.app.ui.snapshot import Scene, render

    scene = Scene(panes, mode, map_, tab, theme)
    raise typer.Exit(render(out, paths or [], classifier, (width, height), scale, photos, scene))
