"""Values that the TypeScript service computes too, so that a runner can use either."""

import math

import pytest

from src.api.features import REQUIRED_PRICES, compute_features


def test_averages_and_momentum_of_rising_prices() -> None:
    features = compute_features([float(price) for price in range(100, 100 + REQUIRED_PRICES)])

    assert features["fastAverage"] == 118
    assert features["slowAverage"] == 110.5
    assert math.isclose(features["momentum"], 120 / 110 - 1)
    assert features["rsi"] == 100


def test_constant_prices_are_neither_overbought_nor_oversold() -> None:
    features = compute_features([1.1] * REQUIRED_PRICES)

    assert features["rsi"] == 50
    assert features["volatility"] == 0


def test_only_the_latest_prices_count() -> None:
    recent = [1.0 + step / 100 for step in range(REQUIRED_PRICES)]

    assert compute_features([50.0, *recent]) == compute_features(recent)


def test_too_few_prices_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 21"):
        compute_features([1.0] * (REQUIRED_PRICES - 1))
