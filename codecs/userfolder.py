"""Where a user's own codecs and pipelines lie."""

import os
from pathlib import Path

from platformdirs import user_config_path


def folder() -> Path:
    """Return the user's folder: `KEEPSIGHT_HOME`, or the system's place for settings. It need not exist."""
    home = os.environ.get("KEEPSIGHT_HOME")
    return Path(home).expanduser() if home else user_config_path("keepsight")
