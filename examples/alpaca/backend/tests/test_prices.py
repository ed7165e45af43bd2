from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from app.prices import PriceFeed, Tick
from app.strategy import SLOW, Crossover


def tick(price: float) -> Tick:
    return Tick("AAPL", Decimal(str(price)), Decimal(str(price)), datetime.now(UTC))


def test_a_quote_has_its_bid_below_its_ask() -> None:
    (quote,) = PriceFeed(["AAPL"], Random(1)).step()

    assert quote.bid < quote.ask
    assert 229 < quote.middle < 231


def test_a_restarted_feed_continues_at_the_last_price() -> None:
    feed = PriceFeed(["AAPL", "MSFT"], Random(1))
    feed.resume([{"symbol": "AAPL", "bid": 99.0, "ask": 101.0}, {"symbol": "GONE", "bid": 1.0, "ask": 1.0}])
    feed.step()

    assert 99 < feed.last["AAPL"].middle < 101
    assert feed.last["MSFT"].middle > 400
    assert "GONE" not in feed.last


def test_the_strategy_buys_when_the_fast_average_crosses_the_slow_one_and_sells_when_it_falls_below() -> None:
    strategy = Crossover()
    falling = [strategy.decide(tick(100 - step)) for step in range(SLOW)]
    rising = [strategy.decide(tick(81 + step)) for step in range(SLOW)]
    falling_again = [strategy.decide(tick(100 - step)) for step in range(SLOW)]

    assert falling == [None] * SLOW
    assert [side for side in rising if side] == ["BUY"]
    assert [side for side in falling_again if side] == ["SELL"]
