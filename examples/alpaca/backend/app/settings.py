"""Settings from environment variables."""

import os
from decimal import Decimal, InvalidOperation
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


def share(name: str) -> Decimal:
    """A part of the account. As a percentage, 20 would be a limit that no order reaches."""
    value = setting(name)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number <= 1:
        raise SystemExit(f"{name} is {value}; set a share of the account, above 0 and up to 1")
    return number
