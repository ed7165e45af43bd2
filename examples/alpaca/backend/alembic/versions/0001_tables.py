"""Orders, risk checks and fills, and the paper account."""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None

START_BALANCE = 100_000


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("cash", sa.Numeric, nullable=False),
        sa.Column("peak", sa.Numeric, nullable=False),
    )
    op.create_table(
        "positions",
        sa.Column("symbol", sa.Text, primary_key=True),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("price", sa.Numeric, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("side", sa.Text, sa.CheckConstraint("side IN ('BUY', 'SELL')"), nullable=False),
        sa.Column("quantity", sa.Numeric, sa.CheckConstraint("quantity > 0"), nullable=False),
        sa.Column("price", sa.Numeric, sa.CheckConstraint("price > 0"), nullable=False),
        sa.Column("strategy", sa.Text, nullable=False),
        sa.Column("status", sa.Text, sa.CheckConstraint("status IN ('filled', 'refused')"), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "risk_checks",
        sa.Column("order_id", sa.Text, sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "fills",
        sa.Column("order_id", sa.Text, sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("price", sa.Numeric, nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("fills_filled_at", "fills", ["filled_at"])
    op.execute(f"INSERT INTO account (id, cash, peak) VALUES (1, {START_BALANCE}, {START_BALANCE})")


def downgrade() -> None:
    for table in ("fills", "risk_checks", "orders", "positions", "account"):
        op.drop_table(table)
