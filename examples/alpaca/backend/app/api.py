"""The REST interface."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from .bot import Bot
from .observed import BUILD, Observed
from .orders import IdTaken, Order

SERVICE = "backend"
VERSION = "0.1.0"
STARTED = monotonic()
SECONDS_TO_DECIDE = 10

log = logging.getLogger("api")


def create_api(bot: Bot, environment: str) -> FastAPI:
    """The interface of a bot, which runs as long as the application does. The health names the environment."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        BUILD.labels(SERVICE, SERVICE, VERSION).set(1)
        await bot.start()
        yield
        await bot.stop()

    api = FastAPI(title="Alpaca bot", version=VERSION, lifespan=lifespan)
    api.add_middleware(Observed)

    @api.get("/api/prices")
    async def prices() -> dict[str, Any]:
        return {"prices": await bot.cache.all()}

    @api.get("/api/fills")
    async def fills() -> dict[str, Any]:
        return {"fills": await bot.desk.fills()}

    @api.post("/api/orders")
    async def place(order: Order, response: Response) -> dict[str, Any]:
        try:
            outcome = await asyncio.wait_for(bot.place(order, "manual"), SECONDS_TO_DECIDE)
        except IdTaken:
            raise
        except Exception as error:
            log.exception("order %s", order.id)
            response.status_code = 503
            reason = f"{_described(error)}; send the order again with the same id to get its outcome"
            return {"id": order.id, "status": "unknown", "reason": reason}
        response.status_code = 201 if outcome["status"] == "filled" else 409
        return outcome

    @api.get("/api/health")
    async def health(response: Response) -> dict[str, Any]:
        checks = {"database": await _outcome(bot.desk.check()), "redis": await _outcome(bot.cache.check())}
        healthy = all(check == "ok" for check in checks.values())
        response.status_code = 200 if healthy else 503
        return {
            "status": "healthy" if healthy else "unhealthy",
            "service": SERVICE,
            "version": VERSION,
            "environment": environment,
            "uptime": round(monotonic() - STARTED),
            "checks": checks,
        }

    @api.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @api.exception_handler(IdTaken)
    async def taken(_: Request, error: IdTaken) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 409)

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        reasons = [f"{_place(one)}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"error": "; ".join(reasons)}, 400)

    @api.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        log.error("%s failed", request.url.path, exc_info=error)
        return JSONResponse({"error": _described(error)}, 503)

    return api


async def _outcome(check: Awaitable[None]) -> str:
    try:
        await asyncio.wait_for(check, 3)
    except Exception as error:
        return _described(error)
    return "ok"


def _place(error: dict[str, Any]) -> str:
    # Where the body is not JSON, there is no field but a position.
    field = () if error["type"] == "json_invalid" else error["loc"][1:]
    return ".".join(str(part) for part in field) or "body"


def _described(error: Exception) -> str:
    return str(error) or type(error).__name__
