"""Decides on orders and fills them on paper."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .prices import PriceFeed
from .risk import Account, Limits, objection
from .strategy import Side
from .tables import ACCOUNT, FILLS, ORDERS, POSITIONS, RISK_CHECKS

FILLS_SHOWN = 50
Amount = Annotated[Decimal, Field(gt=0, le=10**9, decimal_places=9)]


class Order(BaseModel):
    """An order. One that is sent again has the same id, and is filled once."""

    # A misspelled field is an error.
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
    side: Side
    quantity: Amount
    price: Amount

    @property
    def change(self) -> Decimal:
        """Of the position."""
        return self.quantity if self.side == "BUY" else -self.quantity


class IdTaken(Exception):
    """The id of the order is that of another order."""


class OrderDesk:
    """Writes an order, its check and its fill in one transaction. Sending an order again returns its outcome."""

    def __init__(self, engine: AsyncEngine, feed: PriceFeed, limits: Limits) -> None:
        self._engine = engine
        self._feed = feed
        self._limits = limits

    async def place(self, order: Order, strategy: str) -> dict[str, Any]:
        async with self._engine.begin() as connection:
            account = (await connection.execute(select(ACCOUNT).with_for_update())).one()
            earlier = await self._decided(connection, order)
            if earlier is not None:
                return earlier
            positions = {row.symbol: row for row in await connection.execute(select(POSITIONS))}
            reason = await self._check(connection, order, account, positions)
            now = datetime.now(UTC)
            decision = {"status": "filled" if reason is None else "refused", "reason": reason}
            values = {**order.model_dump(), **decision, "strategy": strategy, "created_at": now}
            await connection.execute(insert(ORDERS).values(values))
            check = {"order_id": order.id, "approved": reason is None, "reason": reason, "checked_at": now}
            await connection.execute(insert(RISK_CHECKS).values(check))
            if reason is None:
                await self._fill(connection, order, positions.get(order.symbol))
            return await self._decided(connection, order) or {}

    async def fills(self) -> list[dict[str, Any]]:
        """The newest first."""
        statement = select(FILLS).order_by(FILLS.c.filled_at.desc()).limit(FILLS_SHOWN)
        async with self._engine.connect() as connection:
            return [_fill(row) for row in await connection.execute(statement)]

    async def check(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()

    async def _check(
        self, connection: AsyncConnection, order: Order, account: Row, positions: dict[str, Row]
    ) -> str | None:
        market = {symbol: tick.middle for symbol, tick in self._feed.last.items()}
        if order.symbol not in market:
            return f"{order.symbol} has no price"
        # A symbol that is no longer traded has the price of its last fill.
        worth = [held.quantity * market.get(symbol, held.price) for symbol, held in positions.items()]
        equity = account.cash + sum(worth)
        peak = max(account.peak, equity)
        await connection.execute(update(ACCOUNT).values(peak=peak))
        held = positions[order.symbol].quantity if order.symbol in positions else Decimal(0)
        state = Account(equity, peak)
        return objection(self._limits, state, held, order.change, order.price, market[order.symbol])

    async def _fill(self, connection: AsyncConnection, order: Order, held: Row | None) -> None:
        await connection.execute(update(ACCOUNT).values(cash=ACCOUNT.c.cash - order.change * order.price))
        if held is None:
            position = {"symbol": order.symbol, "quantity": order.change, "price": order.price}
            await connection.execute(insert(POSITIONS).values(position))
        else:
            position = {"quantity": held.quantity + order.change, "price": order.price}
            await connection.execute(update(POSITIONS).where(POSITIONS.c.symbol == order.symbol).values(position))
        fill = order.model_dump(exclude={"id"}) | {"order_id": order.id, "filled_at": datetime.now(UTC)}
        await connection.execute(insert(FILLS).values(fill))

    async def _decided(self, connection: AsyncConnection, order: Order) -> dict[str, Any] | None:
        row = (await connection.execute(select(ORDERS).where(ORDERS.c.id == order.id))).one_or_none()
        if row is None:
            return None
        fields = ("symbol", "side", "quantity", "price")
        different = [field for field in fields if getattr(row, field) != getattr(order, field)]
        if different:
            raise IdTaken(f"the id {order.id} is that of another order, with another {' and '.join(different)}")
        fill = (await connection.execute(select(FILLS).where(FILLS.c.order_id == order.id))).one_or_none()
        outcome = {"id": order.id, "status": row.status}
        if row.reason is not None:
            outcome["reason"] = row.reason
        return outcome if fill is None else {**outcome, "fill": _fill(fill)}


def _fill(row: Row) -> dict[str, Any]:
    return {
        "orderId": row.order_id,
        "symbol": row.symbol,
        "side": row.side,
        "quantity": float(row.quantity),
        "price": float(row.price),
        "filledAt": row.filled_at.isoformat(),
    }
