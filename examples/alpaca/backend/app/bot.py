"""The bot: publishes prices, lets the strategy decide, and places orders."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from .observed import FAILURES, ORDERS, SIGNALS, TICKS
from .orders import Order, OrderDesk
from .prices import PriceCache, PriceFeed, Tick
from .strategy import Crossover

SECONDS_BETWEEN_TICKS = 0.5

log = logging.getLogger("bot")


class Bot:
    """Runs between `start` and `stop`. `send` publishes an event to the browsers."""

    def __init__(
        self,
        feed: PriceFeed,
        cache: PriceCache,
        desk: OrderDesk,
        send: Callable[[str, dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._feed = feed
        self._send = send
        self._strategy = Crossover()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self.cache = cache
        self.desk = desk

    async def start(self) -> None:
        async def resume() -> None:
            self._feed.resume(await self.cache.all())

        await tolerate("reading the last prices", resume())
        self._running = asyncio.create_task(self._run())
        log.info("started on paper")

    async def stop(self) -> None:
        """Finishes the orders in progress."""
        self._stopping.set()
        if self._running is not None:
            await self._running
        await self.desk.close()
        await self.cache.close()
        log.info("stopped")

    async def place(self, order: Order, strategy: str) -> dict[str, Any]:
        outcome = await self.desk.place(order, strategy)
        ORDERS.labels(outcome["status"]).inc()
        log.info("order %s of %s: %s", order.id, strategy, outcome.get("reason", outcome["status"]))
        if "fill" in outcome:
            await tolerate("sending a fill", self._send("fill", outcome["fill"]))
        return outcome

    async def _run(self) -> None:
        while not self._stopping.is_set():
            ticks = self._feed.step()
            await tolerate("caching prices", self.cache.put(ticks))
            for tick in ticks:
                TICKS.inc()
                await tolerate("sending a price", self._send("tick", tick.to_json()))
                await tolerate("ordering", self._follow(tick))
            try:
                await asyncio.wait_for(self._stopping.wait(), SECONDS_BETWEEN_TICKS)
            except TimeoutError:
                continue

    async def _follow(self, tick: Tick) -> None:
        side = self._strategy.decide(tick)
        if side is None:
            return
        SIGNALS.labels(side).inc()
        price = tick.ask if side == "BUY" else tick.bid
        # The same id for the same decision.
        order_id = f"{self._strategy.name}:{tick.symbol}:{tick.time.timestamp():.3f}"
        order = Order(id=order_id, symbol=tick.symbol, side=side, quantity=1, price=price)
        await self.place(order, self._strategy.name)


async def tolerate(work: str, action: Awaitable[None]) -> None:
    """Waits for work that the service can go on without: a failure is logged and counted."""
    try:
        await action
    except Exception as error:
        FAILURES.labels(work).inc()
        log.warning("%s failed: %s", work, error)
