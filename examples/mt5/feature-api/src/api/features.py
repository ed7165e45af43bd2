"""Features of a symbol, computed from its recent prices."""

from __future__ import annotations

from itertools import pairwise
from math import log
from statistics import fmean, stdev

FAST_PERIOD = 5
SLOW_PERIOD = 20
MOMENTUM_PERIOD = 10
RSI_PERIOD = 14

# One more price than the longest period, because n returns need n + 1 prices.
REQUIRED_PRICES = SLOW_PERIOD + 1


def compute_features(prices: list[float]) -> dict[str, float]:
    """Features of positive prices, oldest first, of which the last `REQUIRED_PRICES` count."""
    if len(prices) < REQUIRED_PRICES:
        raise ValueError(f"{len(prices)} prices given; features need at least {REQUIRED_PRICES}")
    recent = prices[-REQUIRED_PRICES:]
    steps = list(pairwise(recent))
    return {
        "fastAverage": fmean(recent[-FAST_PERIOD:]),
        "slowAverage": fmean(recent[-SLOW_PERIOD:]),
        "volatility": stdev(log(later / earlier) for earlier, later in steps),
        "momentum": recent[-1] / recent[-1 - MOMENTUM_PERIOD] - 1,
        "rsi": _relative_strength([later - earlier for earlier, later in steps[-RSI_PERIOD:]]),
    }


def _relative_strength(changes: list[float]) -> float:
    """Relative strength index with plain averages (Cutler's form), 0 to 100."""
    gains = sum(max(change, 0) for change in changes)
    losses = sum(max(-change, 0) for change in changes)
    # A constant price is neither overbought nor oversold.
    return 50 if gains + losses == 0 else 100 * gains / (gains + losses)
