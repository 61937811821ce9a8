"""Names of the 1,000 ImageNet-1k classes (ILSVRC 2012), in index order. No torch here."""

from functools import cache
from importlib.resources import files

from keepsight import resources


@cache
def class_names() -> tuple[str, ...]:
    """Return a short name for each class; no two are the same."""
    return tuple(_lines("imagenet_classes.txt"))


@cache
def wnids() -> dict[str, int]:
    """Return the class index for each WordNet id, such as "n02123045"."""
    return {line.split("\t")[0]: index for index, line in enumerate(_lines("imagenet_wnids.txt"))}


@cache
def synonyms() -> tuple[str, ...]:
    """Return all of WordNet's names for each class, separated by commas."""
    return tuple(line.split("\t")[1] for line in _lines("imagenet_wnids.txt"))


def is_imagenet(names: tuple[str, ...]) -> bool:
    """Whether class names, long or short, are those of ImageNet-1k in index order."""
    ends = ("tench", "toilet tissue")
    return len(names) == 1000 and tuple(names[i].split(",")[0].casefold() for i in (0, -1)) == ends


def _lines(name: str) -> list[str]:
    return files(resources).joinpath(name).read_text(encoding="utf-8").splitlines()
