"""A database with the real schema, and a bot on it."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import command
from app.bot import Bot
from app.orders import OrderDesk
from app.prices import PriceFeed, Tick
from app.risk import Limits

CONFIGURATION = Path(__file__).parent.parent / "alembic.ini"


class Migrations:
    """Runs Alembic as the migration job does."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.url = f"sqlite+aiosqlite:///{file}"
        self._configuration = Config(CONFIGURATION)

    def upgrade(self) -> None:
        command.upgrade(self._configuration, "head")

    def downgrade(self) -> None:
        command.downgrade(self._configuration, "base")


class MemoryCache:
    """Keeps the last prices in memory instead of in Redis."""

    def __init__(self) -> None:
        self.ticks: list[dict[str, Any]] = []
        self.error: Exception | None = None

    async def put(self, ticks: list[Tick]) -> None:
        self.ticks = [json.loads(json.dumps(tick.to_json())) for tick in ticks]

    async def all(self) -> list[dict[str, Any]]:
        return self.ticks

    async def check(self) -> None:
        if self.error is not None:
            raise self.error

    async def close(self) -> None:
        pass


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migrations:
    migrations = Migrations(tmp_path / "bot.db")
    monkeypatch.setenv("DATABASE_URL", migrations.url)
    return migrations


@pytest.fixture
def feed() -> PriceFeed:
    feed = PriceFeed(["AAPL"], Random(1))
    feed.step()
    return feed


@pytest.fixture
def create_desk(migrations: Migrations, feed: PriceFeed) -> Callable[[], OrderDesk]:
    migrations.upgrade()
    return lambda: OrderDesk(create_async_engine(migrations.url), feed, Limits(Decimal("0.2"), Decimal("0.15")))


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def sent() -> list[tuple[str, Any]]:
    """The events that browsers get."""
    return []


@pytest.fixture
def bot(create_desk: Callable[[], OrderDesk], feed: PriceFeed, cache: MemoryCache, sent: list[tuple[str, Any]]) -> Bot:
    async def send(event: str, message: dict[str, Any]) -> None:
        sent.append((event, message))

    return Bot(feed, cache, create_desk(), send)
