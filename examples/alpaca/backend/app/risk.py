"""The limits that every order is checked against."""

from dataclasses import dataclass
from decimal import Decimal

# An order is filled at its own price, so a mistyped one would be an artificial gain or loss.
LARGEST_DEVIATION = Decimal("0.05")


@dataclass(frozen=True)
class Limits:
    """Both as shares of the account."""

    position: Decimal
    drawdown: Decimal


@dataclass(frozen=True)
class Account:
    """What the account is worth now, and was worth when it was worth most."""

    equity: Decimal
    peak: Decimal


def objection(
    limits: Limits, account: Account, held: Decimal, change: Decimal, price: Decimal, market: Decimal
) -> str | None:
    """Why a position must not change at that price, if there is a reason."""
    if abs(price - market) > LARGEST_DEVIATION * market:
        return f"the price {price:f} is too far from the market's {market:f}"
    # Closing a position must always be possible.
    if held * change < 0 and abs(change) <= abs(held):
        return None
    if account.equity < account.peak * (1 - limits.drawdown):
        return f"the account has lost more than {limits.drawdown:.0%} since it was worth most"
    if abs(held + change) * market > limits.position * account.equity:
        return f"the position would be more than {limits.position:.0%} of the account"
    return None
