"""A strategy that follows the crossover of two moving averages."""

from collections import deque
from statistics import fmean
from typing import Literal

from .prices import Tick

Side = Literal["BUY", "SELL"]

FAST = 5
SLOW = 20


class Crossover:
    """Buys a symbol when its fast average rises above the slow one, and sells it when it falls below."""

    name = "crossover"

    def __init__(self) -> None:
        self._prices: dict[str, deque[float]] = {}
        self._rising: dict[str, bool] = {}

    def decide(self, tick: Tick) -> Side | None:
        prices = self._prices.setdefault(tick.symbol, deque(maxlen=SLOW))
        prices.append(float(tick.middle))
        if len(prices) < SLOW:
            return None
        rising = fmean(list(prices)[-FAST:]) > fmean(prices)
        before = self._rising.get(tick.symbol, rising)
        self._rising[tick.symbol] = rising
        if rising == before:
            return None
        return "BUY" if rising else "SELL"
