"""The tables, which `alembic upgrade head` creates."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, Numeric, Table, Text

METADATA = MetaData()

# One row, which every order locks: orders are decided one after another, by any number of processes.
ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("cash", Numeric, nullable=False),
    Column("peak", Numeric, nullable=False),
)
POSITIONS = Table(
    "positions",
    METADATA,
    Column("symbol", Text, primary_key=True),
    Column("quantity", Numeric, nullable=False),
    Column("price", Numeric, nullable=False),
)
ORDERS = Table(
    "orders",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
RISK_CHECKS = Table(
    "risk_checks",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("approved", Boolean, nullable=False),
    Column("reason", Text),
    Column("checked_at", DateTime(timezone=True), nullable=False),
)
FILLS = Table(
    "fills",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("filled_at", DateTime(timezone=True), nullable=False),
    Index("fills_filled_at", "filled_at"),
)
