from decimal import Decimal

import pytest

from app.risk import Account, Limits, objection
from app.settings import share

LIMITS = Limits(position=Decimal("0.2"), drawdown=Decimal("0.15"))
WHOLE = Account(equity=Decimal(1000), peak=Decimal(1000))
REDUCED = Account(equity=Decimal(849), peak=Decimal(1000))


def decide(account: Account, held: int, change: int, price: int = 100) -> str | None:
    return objection(LIMITS, account, Decimal(held), Decimal(change), Decimal(price), Decimal(100))


@pytest.mark.parametrize(("held", "change"), [(0, 2), (0, -2), (2, -4), (1, 1)])
def test_a_position_of_a_fifth_of_the_account_is_allowed(held: int, change: int) -> None:
    assert decide(WHOLE, held, change) is None


@pytest.mark.parametrize(("held", "change"), [(0, 3), (0, -3), (2, 1), (2, -5)])
def test_a_larger_one_is_not(held: int, change: int) -> None:
    assert "more than 20% of the account" in str(decide(WHOLE, held, change))


def test_after_the_drawdown_only_orders_that_reduce_a_position_are_allowed() -> None:
    assert "lost more than 15%" in str(decide(REDUCED, 0, 1))
    assert "lost more than 15%" in str(decide(REDUCED, 1, -2))
    assert decide(REDUCED, 1, -1) is None


def test_a_price_far_from_the_market_is_never_allowed() -> None:
    assert decide(WHOLE, 0, 1, price=105) is None
    assert "too far from the market's 100" in str(decide(WHOLE, 0, 1, price=106))
    assert "too far from the market's 100" in str(decide(WHOLE, 1, -1, price=94))


@pytest.mark.parametrize("value", ["20", "0", "-0.2", "NaN", "Infinity", "a fifth"])
def test_a_limit_that_is_no_share_of_the_account_is_refused(value: str, monkeypatch) -> None:
    monkeypatch.setenv("MAX_POSITION_SIZE_PCT", value)

    with pytest.raises(SystemExit, match=f"MAX_POSITION_SIZE_PCT is {value}; set a share"):
        share("MAX_POSITION_SIZE_PCT")


def test_a_limit_may_be_the_whole_account(monkeypatch) -> None:
    monkeypatch.setenv("MAX_POSITION_SIZE_PCT", "1")

    assert share("MAX_POSITION_SIZE_PCT") == 1
