#!/usr/bin/env bash
# The relative strength index of a price that does not move is 0 in TA-Lib, 100 in
# technicalindicators and trading-signals, 50 in backtrader's RSI_Safe, and a
# ZeroDivisionError in backtrader's RSI. The same bars say "oversold" or "overbought".
#
# Seen with TA-Lib 0.8.2 and backtrader 1.9.78.123 (PyPI), technicalindicators 3.1.0 and
# trading-signals 8.3.0 (npm).
# Expected: one answer, or none; there were neither gains nor losses.
# Why it matters: a halted or illiquid instrument gives a strategy that buys below 30 a buy
# signal on every bar; a port to another language or library turns it into a sell signal.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  TA-Lib==0.8.2 numpy==2.4.6 backtrader==1.9.78.123 pandas==3.1.1
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts technicalindicators@3.1.0 trading-signals@8.3.0

echo "TA-Lib 0.8.2, backtrader 1.9.78.123, technicalindicators 3.1.0, trading-signals 8.3.0"
venv/bin/python - <<'PY' | tee python.txt
import backtrader
import numpy
import pandas
import talib

flat = numpy.full(30, 5.0)
print("TA-Lib RSI", talib.RSI(flat, 14)[-1])

bars = pandas.DataFrame(
    {"open": flat, "high": flat, "low": flat, "close": flat, "volume": 0.0},
    index=pandas.date_range("2026-03-02", periods=30),
)


def last_value(indicator):
    class Probe(backtrader.Strategy):
        def __init__(self):
            self.line = indicator(period=14)

    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(backtrader.feeds.PandasData(dataname=bars))
    cerebro.addstrategy(Probe)
    try:
        return cerebro.run()[0].line[0]
    except ZeroDivisionError as error:
        return type(error).__name__


print("backtrader RSI", last_value(backtrader.indicators.RSI))
print("backtrader RSI_Safe", last_value(backtrader.indicators.RSI_Safe))
PY

cat > rsi.mjs <<'JS'
import technicalindicators from 'technicalindicators';
import { RSI } from 'trading-signals';

const flat = Array(30).fill(5);
console.log('technicalindicators RSI', technicalindicators.RSI.calculate({ values: flat, period: 14 }).at(-1));
const rsi = new RSI(14);
flat.forEach((price) => rsi.update(price, false));
console.log('trading-signals RSI', Number(rsi.getResult()));
JS
node rsi.mjs | tee node.txt

diff - python.txt <<'EXPECTED'
TA-Lib RSI 0.0
backtrader RSI ZeroDivisionError
backtrader RSI_Safe 50.0
EXPECTED
diff - node.txt <<'EXPECTED'
technicalindicators RSI 100
trading-signals RSI 100
EXPECTED
