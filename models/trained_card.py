"""Writes what a training made: weights as safetensors, and the card that every other part loads."""

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from keepsight.models.cards import Card
from keepsight.models.training_state import replace_file


def write_trained(out: Path, card: Card, state: dict[str, Tensor], about: str) -> Path:
    """Write `classifier.safetensors` and its card `classifier.toml` into a folder; return the card's path.

    `card` tells all but the weights; `about` is a comment, of one line or more, on how they were made.
    Raises `OSError`.
    """
    content = save(state)
    replace_file(out / "classifier.safetensors", content)
    fields = card.model_dump(mode="json", exclude={"id", "class_names", "match"}, exclude_none=True)
    fields |= {
        "weights": "classifier.safetensors",
        "sha256": hashlib.sha256(content).hexdigest(),
        "classes": list(card.class_names),
    }
    lines = [f"# {line}" for line in about.splitlines()]
    lines += [f"{name} = {_toml(value)}" for name, value in fields.items() if value not in ({}, "")]
    path = out / "classifier.toml"
    replace_file(path, ("\n".join(lines) + "\n").encode())
    return path


def _toml(value: Any) -> str:
    """Return a value as TOML: JSON but for tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
