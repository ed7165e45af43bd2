#!/usr/bin/env bash
# alpaca-py sends quantities as doubles, whatever they are given as: to sell a position of "12345678.123456789" coins, it
# asks for 12345678.12345679, which is more than there are. Strings and decimals are accepted and converted, and the
# quantities of its own positions are strings.
#
# Seen with alpaca-py 0.44.0 (PyPI).
# Expected: the digits of the string or the Decimal, as the API takes strings, or an error for a type that is not kept.
# Why it matters: cheap coins are held in the millions, with nine decimal places. Selling all of them is rejected for
# insufficient balance, or leaves a rest, by chance; and the order in one's own books is not the one that was sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check alpaca-py==0.44.0

venv/bin/python -W ignore - <<'PY'
import json
from decimal import Decimal
from importlib.metadata import version

from alpaca.trading.models import Position
from alpaca.trading.requests import MarketOrderRequest

print("alpaca-py", version("alpaca-py"), "a position has its quantity as", Position.model_fields["qty"].annotation.__name__)


def sent(quantity):
    order = MarketOrderRequest(symbol="SHIB/USD", qty=quantity, side="sell", time_in_force="gtc")
    return json.loads(json.dumps(order.to_request_fields()), parse_float=Decimal)["qty"]


held = ["12345678.123456789", "12345678.123456704", "1.123456789"]
seen = {quantity: sent(quantity) for quantity in held}
for quantity, asked in seen.items():
    print(f"held {quantity}, sent {asked}, difference {asked - Decimal(quantity)}")
    assert sent(Decimal(quantity)) == asked

assert Position.model_fields["qty"].annotation is str
assert seen["12345678.123456789"] > Decimal("12345678.123456789")
assert seen["12345678.123456704"] < Decimal("12345678.123456704")
assert seen["1.123456789"] == Decimal("1.123456789")
PY
