import sqlite3

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from app.tables import METADATA


def tables(migrations) -> set[str]:
    with sqlite3.connect(migrations.file) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_migrations_create_the_tables_of_the_program(migrations) -> None:
    migrations.upgrade()

    with create_engine(f"sqlite:///{migrations.file}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.exec_driver_sql("SELECT cash, peak FROM account").all() == [(100_000, 100_000)]


def test_a_downgrade_removes_all_of_them(migrations) -> None:
    migrations.upgrade()
    assert "fills" in tables(migrations)

    migrations.downgrade()

    assert tables(migrations) == {"alembic_version"}
