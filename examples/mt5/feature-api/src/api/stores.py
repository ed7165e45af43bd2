"""Where features are kept: the last ones of a symbol in Redis, all of them in PostgreSQL."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

SECONDS_TO_LIVE = 300

# As the strategy runner creates it, which may start later.
CREATE = """
CREATE TABLE IF NOT EXISTS feature_sets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  symbol text NOT NULL,
  computed_at timestamptz NOT NULL,
  features jsonb NOT NULL)
"""
INSERT = "INSERT INTO feature_sets (symbol, computed_at, features) VALUES (%s, %s, %s)"


class Cache:
    """The last features of each symbol."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    async def put(self, symbol: str, result: dict[str, Any]) -> None:
        await self._redis.set(f"features:{symbol}", json.dumps(result), ex=SECONDS_TO_LIVE)

    async def get(self, symbol: str) -> dict[str, Any] | None:
        text = await self._redis.get(f"features:{symbol}")
        return None if text is None else json.loads(text)

    async def check(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


class Database:
    """All features that were computed."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(url, min_size=1, max_size=4, timeout=2, open=False)

    async def open(self) -> None:
        await self._pool.open()
        async with self._pool.connection(timeout=10) as connection:
            await connection.execute(CREATE)

    async def add(self, symbol: str, computed_at: datetime, features: dict[str, float]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(INSERT, (symbol, computed_at, Jsonb(features)))

    async def check(self) -> None:
        async with self._pool.connection() as connection:
            await connection.execute("SELECT 1")

    async def close(self) -> None:
        await self._pool.close()
