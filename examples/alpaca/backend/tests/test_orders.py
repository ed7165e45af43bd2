import asyncio
import sqlite3
from decimal import Decimal

import pytest

from app.orders import IdTaken, Order


def order(feed, **changes) -> Order:
    values = {"id": "by-hand-1", "symbol": "AAPL", "side": "BUY", "quantity": 2, "price": feed.last["AAPL"].ask}
    return Order(**{**values, **changes})


def rows(migrations, statement: str) -> list[tuple]:
    with sqlite3.connect(migrations.file) as connection:
        return connection.execute(statement).fetchall()


def test_an_order_is_checked_and_filled_once_however_often_it_is_sent(create_desk, feed, migrations) -> None:
    async def twice() -> list[dict]:
        desk = create_desk()
        return [await desk.place(order(feed), "manual") for _ in range(2)]

    first, second = asyncio.run(twice())

    assert first["status"] == "filled"
    assert first["fill"] == {**first["fill"], "orderId": "by-hand-1", "quantity": 2.0, "side": "BUY"}
    assert second == first
    assert rows(migrations, "SELECT quantity FROM positions") == [(2,)]
    spent = 2 * order(feed).price
    assert rows(migrations, "SELECT cash FROM account") == [(float(100_000 - spent),)]
    statement = (
        "SELECT count(*) FROM fills JOIN risk_checks USING (order_id) WHERE approved AND checked_at <= filled_at"
    )
    assert rows(migrations, statement) == [(1,)]


def test_a_sale_after_a_purchase_closes_the_position(create_desk, feed, migrations) -> None:
    async def both() -> None:
        desk = create_desk()
        await desk.place(order(feed), "manual")
        await desk.place(order(feed, id="by-hand-2", side="SELL"), "manual")

    asyncio.run(both())

    assert rows(migrations, "SELECT quantity FROM positions") == [(0,)]
    assert rows(migrations, "SELECT cash FROM account") == [(100_000,)]


def test_the_id_of_another_order_is_an_error(create_desk, feed) -> None:
    async def both() -> None:
        desk = create_desk()
        await desk.place(order(feed), "manual")
        await desk.place(order(feed, quantity=3), "manual")

    with pytest.raises(IdTaken, match="with another quantity"):
        asyncio.run(both())


def test_a_refused_order_is_recorded_with_its_reason_and_changes_nothing(create_desk, feed, migrations) -> None:
    outcome = asyncio.run(create_desk().place(order(feed, quantity=100), "manual"))

    reason = "the position would be more than 20% of the account"
    assert outcome == {"id": "by-hand-1", "status": "refused", "reason": reason}
    assert rows(migrations, "SELECT approved, reason FROM risk_checks") == [(0, reason)]
    assert rows(migrations, "SELECT count(*) FROM fills") == [(0,)]
    assert rows(migrations, "SELECT cash FROM account") == [(100_000,)]


def test_a_symbol_without_a_price_is_refused(create_desk, feed) -> None:
    outcome = asyncio.run(create_desk().place(order(feed, symbol="TSLA", price=Decimal(100)), "manual"))

    assert outcome["reason"] == "TSLA has no price"
