"""The command line. Starts fast: each command imports what it needs, and only the classifier needs torch."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from keepsight.app import (
    cli_bench,
    cli_codecs,
    cli_compare,
    cli_judge,
    cli_limit,
    cli_map,
    cli_maps,
    cli_matrix,
    cli_snapshot,
    cli_store,
    cli_sweep,
    cli_threshold,
    cli_train,
    cli_train_classifier,
    cli_train_reader,
    cli_train_saliency,
    cli_training,
)
from keepsight.app.cli_output import complain
from keepsight.app.cli_usage import usage_errors

_WINDOW = "window"
"""The hidden command that stands for none."""


class _Commands(TyperGroup):
    """Opens the window where the first word is no command, and turns errors into sentences."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        options = {name for param in self.get_params(ctx) for name in param.opts}
        if not args or (args[0] not in self.commands and args[0] not in options):
            args = [_WINDOW, *args]
        with usage_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            with usage_errors():
                return super().invoke(ctx)
        except (ValueError, RuntimeError, LookupError) as error:
            from keepsight.app.engine.errors import USER_ERRORS

            if not isinstance(error, USER_ERRORS):
                raise
            complain(str(error))
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    subcommand_metavar="[PHOTO|FOLDER|SESSION]... | COMMAND [ARGS]...",
)
bench = typer.Typer(help="Compare a codec of Keepsight's own with the standard ones.")
app.add_typer(bench, name="bench")
bench.command("keep")(cli_bench.keep)
train = typer.Typer()
app.add_typer(train, name="train")
train.callback()(cli_training.train_options)
train.command("classifier")(cli_train_classifier.classifier)
train.command("distill")(cli_train_classifier.distill)
train.command("compare")(cli_compare.compare)
train.command("scenes")(cli_train.scenes)
train.command("reader")(cli_train_reader.reader)
train.command("jpeg-tables")(cli_train.jpeg_tables)
train.command("saliency")(cli_train_saliency.saliency)
app.command()(cli_codecs.codecs)
app.command()(cli_codecs.encode)
app.command()(cli_codecs.decode)
app.command()(cli_judge.classify)
app.command()(cli_sweep.sweep)
app.command()(cli_threshold.threshold)
app.command()(cli_matrix.matrix)
app.command()(cli_limit.limit)
app.command()(cli_store.export)
app.command()(cli_store.report)
app.command()(cli_maps.maps)
app.command("map")(cli_map.saliency_map)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(version("keepsight"))
        raise typer.Exit


@app.callback()
def keepsight(
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and end."),
    ] = False,
) -> None:
    """See and measure what each image compressor keeps for a classifier.

    Without a command, opens the window on the photos and folders that are named, or on the sample photos.
    """


@app.command(_WINDOW, hidden=True)
def window(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PHOTO|FOLDER|SESSION]...")] = None,
    classifier: cli_judge.OptionalClassifierOption = None,
) -> None:
    """Open the window."""
    missing = [path for path in paths or [] if not path.exists()]
    if missing:
        complain(
            f"There is no file, folder or command “{missing[0]}”. “keepsight --help” lists the commands."
        )
        raise typer.Exit(1)
    from keepsight.app.ui.display import why_no_display

    if why := why_no_display():
        complain(why)
        raise typer.Exit(2)
    from keepsight.app.ui import launch

    raise typer.Exit(launch.run(paths or [], classifier))


app.command()(cli_snapshot.snapshot)


def main() -> None:
    """Run the command line."""
    app()
