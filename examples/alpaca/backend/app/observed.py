"""What the outside sees of the process: metrics and logs."""

import json
import logging
import sys
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A client can send any other, and each would be a new time series.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LABELS = ("method", "route", "status")
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

REQUESTS = Counter("http_requests_total", "HTTP requests answered", LABELS)
DURATIONS = Histogram("http_request_duration_seconds", "Time to answer an HTTP request", LABELS, buckets=BUCKETS)
TICKS = Counter("ticks_published_total", "Ticks published")
SIGNALS = Counter("signals_total", "Signals given", ["action"])
ORDERS = Counter("orders_total", "Orders decided", ["status"])
CLIENTS = Gauge("websocket_clients", "Socket.IO clients connected")
FAILURES = Counter("failures_total", "Work that failed and that the service went on without", ["work"])
BUILD = Gauge("build_info", "Always 1; the labels say what is running", ["service", "role", "version"])


class Observed:
    """Counts and times the requests of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 500

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            # The pattern and not the requested path, which can have any number of values.
            route = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if scope["method"] in METHODS else "other"
            labels = (method, route, str(status))
            REQUESTS.labels(*labels).inc()
            DURATIONS.labels(*labels).observe(perf_counter() - started)


class _Lines(logging.Formatter):
    """One JSON document per line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname.lower(),
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "name": record.name,
            "msg": record.getMessage(),
        }
        if record.exc_info:
            line["err"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure_logs(level: str) -> None:
    """Logs to standard output, which Docker collects."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # One line per request, of which the health check makes one every few seconds.
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
