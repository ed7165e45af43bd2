"""Settings from environment variables."""

import os
from pathlib import Path


def setting(name: str, default: str | None = None) -> str:
    """The variable, or the content of the file that `<name>_FILE` names: a Docker secret."""
    value = os.environ.get(name)
    file = os.environ.get(f"{name}_FILE")
    if value and file:
        raise SystemExit(f"{name} and {name}_FILE are both set; set only one of them")
    if file:
        return Path(file).read_text().strip()
    if value or default is not None:
        return value or str(default)
    raise SystemExit(f"{name} is not set; set it, or {name}_FILE")
