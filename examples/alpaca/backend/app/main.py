"""The program: the REST interface and Socket.IO on one port."""

from random import Random
from typing import Any

import socketio
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

from .api import create_api
from .bot import Bot
from .observed import CLIENTS, configure_logs
from .orders import OrderDesk
from .prices import PriceCache, PriceFeed
from .risk import Limits
from .settings import setting, share

PAPER = "https://paper-api.alpaca.markets"

configure_logs("DEBUG" if setting("DEBUG", "false") == "true" else setting("LOG_LEVEL", "INFO"))
if setting("ALPACA_BASE_URL", PAPER) != PAPER or setting("TRADING_ENVIRONMENT", "paper") != "paper":
    raise SystemExit(f"this program trades on paper only: set ALPACA_BASE_URL={PAPER} and TRADING_ENVIRONMENT=paper")

server = socketio.AsyncServer(async_mode="asgi", max_http_buffer_size=1024)


async def send(event: str, message: dict[str, Any]) -> None:
    await server.emit(event, message)


@server.event
async def connect(*_: object) -> None:
    CLIENTS.inc()


@server.event
async def disconnect(*_: object) -> None:
    CLIENTS.dec()


feed = PriceFeed(setting("SYMBOLS", "AAPL,MSFT,SPY").split(","), Random())
limits = Limits(share("MAX_POSITION_SIZE_PCT"), share("MAX_PORTFOLIO_DRAWDOWN_PCT"))
engine = create_async_engine(
    setting("DATABASE_URL"),
    pool_size=4,
    pool_timeout=2,
    pool_pre_ping=True,
    connect_args={"timeout": 3, "command_timeout": 5},
)
cache = PriceCache(Redis.from_url(setting("REDIS_URL"), socket_timeout=2, socket_connect_timeout=2))
bot = Bot(feed, cache, OrderDesk(engine, feed, limits), send)
api = create_api(bot, setting("ENVIRONMENT", "development"))
app = socketio.ASGIApp(server, other_asgi_app=api, socketio_path=setting("SOCKET_IO_PATH", "/ws/socket.io"))
