from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.api import create_api


@pytest.fixture
def client(bot) -> Iterator[TestClient]:
    with TestClient(create_api(bot, "test"), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def order(feed) -> dict:
    price = float(feed.last["AAPL"].ask)
    return {"id": "by-hand-1", "symbol": "AAPL", "side": "BUY", "quantity": 2, "price": price}


def test_an_order_is_filled_shown_and_sent_to_the_browsers(client, order, sent) -> None:
    response = client.post("/api/orders", json=order)

    assert response.status_code == 201
    fill = response.json()["fill"]
    assert fill["price"] == order["price"]
    assert client.get("/api/fills").json() == {"fills": [fill]}
    assert ("fill", fill) in sent


def test_a_refused_order_is_answered_with_409_and_the_reason(client, order) -> None:
    response = client.post("/api/orders", json={**order, "quantity": 1000})

    assert response.status_code == 409
    assert "20% of the account" in response.json()["reason"]


def test_the_id_of_another_order_is_answered_with_409(client, order) -> None:
    client.post("/api/orders", json=order)
    response = client.post("/api/orders", json={**order, "side": "SELL"})

    assert response.status_code == 409
    assert response.json() == {"error": "the id by-hand-1 is that of another order, with another side"}


@pytest.mark.parametrize(
    ("change", "field"), [({"quantity": 0}, "quantity"), ({"qty": 1}, "qty"), ({"side": "HOLD"}, "side")]
)
def test_an_invalid_order_is_answered_with_400_and_the_field(client, order, change, field) -> None:
    response = client.post("/api/orders", json={**order, **change})

    assert response.status_code == 400
    assert response.json()["error"].startswith(f"{field}: ")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_a_body_that_is_no_order_is_answered_with_400(client, body) -> None:
    response = client.post("/api/orders", content=body, headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert response.json()["error"].startswith("body: ")


def test_a_browser_that_cannot_be_told_does_not_change_the_outcome_of_an_order(client, order, bot, monkeypatch) -> None:
    async def fail(event: str, message: dict) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(bot, "_send", fail)

    assert client.post("/api/orders", json=order).status_code == 201


def test_an_order_with_an_unknown_outcome_is_answered_with_503_and_how_to_learn_it(client, order, migrations) -> None:
    migrations.file.unlink()
    response = client.post("/api/orders", json=order)

    assert response.status_code == 503
    assert response.json()["status"] == "unknown"
    assert response.json()["reason"].endswith("send the order again with the same id to get its outcome")
    assert client.get("/api/fills").status_code == 503


def test_the_health_tells_which_server_does_not_answer(client, cache) -> None:
    assert client.get("/api/health").json()["checks"] == {"database": "ok", "redis": "ok"}
    cache.error = ConnectionError("refused")
    response = client.get("/api/health")

    assert response.status_code == 503
    assert response.json()["status"] == "unhealthy"
    assert response.json()["checks"] == {"database": "ok", "redis": "refused"}


def test_requests_are_counted_by_the_pattern_of_their_path(client) -> None:
    client.get("/api/health")
    response = client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'http_requests_total{method="GET",route="/api/health",status="200"}' in response.text


def test_methods_of_a_client_are_no_time_series_of_their_own(client) -> None:
    client.request("ODD1", "/api/orders")
    metrics = client.get("/metrics").text

    assert 'http_requests_total{method="other",route="/api/orders",status="405"}' in metrics
    assert "ODD1" not in metrics
