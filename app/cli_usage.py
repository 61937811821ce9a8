"""What is wrong with the words of a command line, in our own sentences instead of Typer's boxes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from keepsight.app.cli_output import complain

# The class has no public name, and its home has moved between versions of Typer.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_OUR_WORDS = (
    (r"\s+", " "),
    (r"'([^']*)'", r"“\1”"),
    (r"^Value error, ", ""),
    (r", unable to parse.*", ""),
    (r"^Input should", "it should"),
    (r"a valid integer", "a whole number"),
    (r"greater than or equal to (\S+)", r"\1 or more"),
    (r"less than or equal to (\S+)", r"\1 or less"),
    (r"^No such option: (\S+)", r"There is no option “\1”"),
    (r"^No such command (\S+?)\.?$", r"There is no command \1"),
    (r"^Missing command", "A command is missing"),
    (r"^Option (\S+) requires an argument", r"The option \1 needs a value"),
    (r"^Option (\S+) does not take a value", r"The option \1 takes no value"),
    (r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"“\1” is too much"),
    (r"\.$", ""),
)
"""Pattern and replacement, in the order in which they are applied to Typer's messages."""


@contextmanager
def usage_errors() -> Iterator[None]:
    """Print one sentence and end with exit code 2 where the words of the command line are wrong."""
    try:
        yield
    except _UsageError as error:
        complain(_sentence(error))
        raise typer.Exit(2) from None


def _sentence(error: Any) -> str:
    message = error.message
    for pattern, ours in _OUR_WORDS:
        message = re.sub(pattern, ours, message)
    context, param = error.ctx, getattr(error, "param", None)
    name = getattr(error, "param_hint", None) or (param and _name(param))
    if name:
        message = f"“{name}” does not take this: {message}" if message else f"“{name}” is missing"
    while context and context.command.hidden:  # the window's command, which nobody typed
        context = context.parent
    return f"{message}. “{context.command_path if context else 'keepsight'} --help” shows how it is used."


def _name(param: Any) -> str:
    """Return “--codec” of an option, “DATA” of what stands without a name."""
    longest: str = max(param.opts, key=len)
    return longest if longest.startswith("-") else str(param.metavar or longest)
