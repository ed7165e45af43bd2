"""Synthetic prices, which Redis keeps, so that they continue where they were when the backend starts again."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import exp
from random import Random
from typing import Any

from redis.asyncio import Redis

START_PRICES = {"AAPL": 230.0, "MSFT": 430.0, "SPY": 560.0}
# Standard deviation of a step, and half of the spread, both as fractions of the price.
STEP = 0.0002
HALF_SPREAD = 0.00005
KEY = "prices"


@dataclass(frozen=True)
class Tick:
    """One quote."""

    symbol: str
    bid: Decimal
    ask: Decimal
    time: datetime

    @property
    def middle(self) -> Decimal:
        return (self.bid + self.ask) / 2

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "bid": float(self.bid),
            "ask": float(self.ask),
            "time": self.time.isoformat(),
        }


class PriceFeed:
    """A random walk for each symbol."""

    def __init__(self, symbols: list[str], random: Random) -> None:
        self._random = random
        self._prices = {symbol: START_PRICES.get(symbol, 100.0) for symbol in symbols}
        self.last: dict[str, Tick] = {}

    def resume(self, ticks: list[dict[str, Any]]) -> None:
        """Continues at earlier prices."""
        for tick in ticks:
            if tick["symbol"] in self._prices:
                self._prices[tick["symbol"]] = (tick["bid"] + tick["ask"]) / 2

    def step(self) -> list[Tick]:
        now = datetime.now(UTC)
        for symbol, price in self._prices.items():
            price *= exp(STEP * self._random.gauss())
            self._prices[symbol] = price
            bid, ask = (_cents(price * factor) for factor in (1 - HALF_SPREAD, 1 + HALF_SPREAD))
            self.last[symbol] = Tick(symbol, bid, ask, now)
        return list(self.last.values())


class PriceCache:
    """The last tick of each symbol in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, ticks: list[Tick]) -> None:
        await self._redis.hset(KEY, mapping={tick.symbol: json.dumps(tick.to_json()) for tick in ticks})

    async def all(self) -> list[dict[str, Any]]:
        return [json.loads(tick) for tick in (await self._redis.hgetall(KEY)).values()]

    async def check(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


def _cents(price: float) -> Decimal:
    return Decimal(price).quantize(Decimal("0.01"))
