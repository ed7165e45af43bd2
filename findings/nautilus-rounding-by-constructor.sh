#!/usr/bin/env bash
# NautilusTrader rounds half a unit in two ways: Quantity(2.5, 0) and Price(1.125, 2) round it
# away from zero, to 3 and 1.13; make_qty and make_price of an instrument round the very same
# numbers to the even neighbour, to 2 and 1.12. Money disagrees with its own from_str.
#
# Seen with nautilus_trader 1.221.0 (PyPI).
# Expected: one rule, as both give the same type for the same precision.
# Why it matters: code that builds a size with one and compares it with the other never sees
# its order filled, or sends a second order for the one lot of difference.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nautilus_trader==1.221.0

venv/bin/python -W ignore - <<'PY'
from decimal import Decimal
from importlib.metadata import version

from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider

print("nautilus_trader", version("nautilus_trader"))
share, bitcoin = TestInstrumentProvider.equity(), TestInstrumentProvider.btcusdt_binance()
yen = Currency.from_str("JPY")
seen = {}
for lots in (1.5, 2.5, 3.5, 4.5):
    seen[lots] = str(Quantity(lots, 0)), str(share.make_qty(lots))
    print(f"{lots} shares: Quantity gives {seen[lots][0]}, make_qty {seen[lots][1]}")
for price in (1.125, 1.375):
    seen[price] = str(Price(price, 2)), str(bitcoin.make_price(price))
    print(f"a price of {price}: Price gives {seen[price][0]}, make_price {seen[price][1]}")
seen["JPY"] = Money(Decimal("2.5"), yen).as_decimal(), Money.from_str("2.5 JPY").as_decimal()
print(f"2.5 yen: Money gives {seen['JPY'][0]}, Money.from_str {seen['JPY'][1]}")

assert seen == {
    1.5: ("2", "2"),
    2.5: ("3", "2"),
    3.5: ("4", "4"),
    4.5: ("5", "4"),
    1.125: ("1.13", "1.12"),
    1.375: ("1.38", "1.38"),
    "JPY": (3, 2),
}, seen
PY
