"""What the server answers to bad requests, and without its database and cache."""

import asyncio
import json
import os
from typing import Any

import pytest

# Nothing listens there.
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("DATABASE_URL", "postgresql://api@127.0.0.1:1/desk")

from src.api.feature_server import app
from src.api.features import REQUIRED_PRICES


def request(method: str, path: str, body: str = "") -> tuple[int, str]:
    """The status and the content of an answer."""
    answer: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answer.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(app(scope, receive, send))
    return answer[0]["status"], b"".join(part.get("body", b"") for part in answer).decode()


def prices(first: str, others: str = "1") -> str:
    return f'{{"symbol": "EURUSD", "prices": [{first}{f", {others}" * (REQUIRED_PRICES - 1)}]}}'


@pytest.mark.parametrize(
    "body",
    [
        prices("1e999"),
        prices("NaN"),
        prices("1e308", "1e308"),
        prices("5e-324", "1e12"),
        prices("0"),
        prices("1").replace("EURUSD", "\\ud800"),
    ],
)
def test_a_request_that_cannot_be_computed_is_refused(body: str) -> None:
    status, content = request("POST", "/features", body)

    assert status == 422
    assert json.loads(content)["detail"][0]["loc"][0] == "body"


def test_features_are_computed_without_the_database_and_the_cache() -> None:
    status, content = request("POST", "/features", prices("1"))

    assert (status, json.loads(content)["features"]["rsi"]) == (200, 50)


def test_a_cache_that_does_not_answer_is_unavailable_and_not_a_failure_of_the_server() -> None:
    assert request("GET", "/features/EURUSD") == (503, '{"detail":"the cache does not answer"}')


def test_methods_of_clients_do_not_become_time_series() -> None:
    request("BREW", "/features")

    assert "BREW" not in request("GET", "/metrics")[1]
