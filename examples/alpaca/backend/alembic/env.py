"""Runs the migrations with the driver of the backend."""

import asyncio
import logging
import os
from time import monotonic

from asyncpg import CannotConnectNowError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from alembic import context
from app.observed import configure_logs
from app.settings import setting
from app.tables import METADATA

SECONDS_TO_RETRY = 30

configure_logs(os.environ.get("LOG_LEVEL", "INFO"))
log = logging.getLogger("migration")


async def connected(engine: AsyncEngine) -> AsyncConnection:
    """Waits for a database that is still starting. Any other error, such as a wrong password, is final."""
    deadline = monotonic() + SECONDS_TO_RETRY
    while True:
        try:
            return await engine.connect()
        except (OSError, CannotConnectNowError) as error:
            if monotonic() > deadline:
                raise
            log.warning("the database is not ready: %s", error)
            await asyncio.sleep(1)


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    log.info("the schema is at revision %s", context.get_context().get_current_revision())


async def migrate() -> None:
    engine = create_async_engine(setting("DATABASE_URL"))
    try:
        connection = await connected(engine)
        await connection.run_sync(run)
        await connection.close()
    finally:
        await engine.dispose()


asyncio.run(migrate())
