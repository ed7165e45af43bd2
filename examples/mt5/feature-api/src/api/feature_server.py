"""Serves features over HTTP: computes them from prices, caches the last ones and stores all of them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from redis import RedisError

from .features import REQUIRED_PRICES, compute_features
from .observed import BUILD, COMPUTED, FAILURES, Observed, configure_logs
from .settings import setting
from .stores import Cache, Database

VERSION = "1.0"
STARTED = monotonic()
SYMBOL = r"^[A-Za-z0-9._-]{1,32}$"
# Beyond these, quotients of two prices can be infinite.
LOWEST_PRICE, HIGHEST_PRICE = 1e-12, 1e12

configure_logs(setting("LOG_LEVEL", "INFO"), os.environ.get("LOG_FILE"))
log = logging.getLogger("feature-api")
cache = Cache(setting("REDIS_URL"))
database = Database(setting("DATABASE_URL"))


Price = Annotated[float, Field(ge=LOWEST_PRICE, le=HIGHEST_PRICE, allow_inf_nan=False)]


class FeatureRequest(BaseModel):
    """Recent prices of a symbol, oldest first."""

    symbol: Annotated[str, Field(pattern=SYMBOL)]
    prices: Annotated[list[Price], Field(min_length=REQUIRED_PRICES)]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await database.open()
    BUILD.labels("feature-api", "feature-api", VERSION).set(1)
    log.info("started as feature-api")
    yield
    await database.close()
    await cache.close()
    log.info("stopped")


app = FastAPI(title="Feature API", version=VERSION, lifespan=lifespan)
app.add_middleware(Observed)


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    """Without the input, which FastAPI adds: infinity and half of a character have no form in the answer."""
    return JSONResponse({"detail": [{"loc": one["loc"], "msg": one["msg"]} for one in error.errors()]}, 422)


@app.post("/features")
async def compute(request: FeatureRequest) -> dict[str, Any]:
    features = compute_features(request.prices)
    now = datetime.now(UTC)
    result = {"symbol": request.symbol, "computedAt": now.isoformat(), "features": features}
    COMPUTED.inc()
    # The response does not depend on whether the copies were stored.
    await asyncio.gather(
        tolerate("caching features", cache.put(request.symbol, result)),
        tolerate("storing features", database.add(request.symbol, now, features)),
    )
    return result


@app.get("/features/{symbol}")
async def last(symbol: Annotated[str, Path(pattern=SYMBOL)]) -> dict[str, Any]:
    try:
        cached = await cache.get(symbol)
    except RedisError as error:
        log.warning("reading features failed: %s", error)
        raise HTTPException(503, "the cache does not answer") from error
    if cached is None:
        raise HTTPException(404, f"no features of {symbol} are cached")
    return cached


@app.get("/health")
async def health(response: Response) -> dict[str, Any]:
    checks = {"database": await outcome(database.check()), "redis": await outcome(cache.check())}
    healthy = all(check == "ok" for check in checks.values())
    response.status_code = 200 if healthy else 503
    return {
        "status": "healthy" if healthy else "unhealthy",
        "service": "feature-api",
        "version": VERSION,
        "uptime": round(monotonic() - STARTED),
        "checks": checks,
    }


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def tolerate(work: str, action: Awaitable[None]) -> None:
    """Waits for work that the answer does not depend on: a failure is logged and counted."""
    try:
        await action
    except Exception as error:
        FAILURES.labels(work).inc()
        log.warning("%s failed: %s", work, error)


async def outcome(check: Awaitable[None]) -> str:
    try:
        await asyncio.wait_for(check, 3)
    except TimeoutError:
        return "no answer within 3 s"
    except Exception as error:
        return str(error) or type(error).__name__
    return "ok"
