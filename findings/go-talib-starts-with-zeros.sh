#!/usr/bin/env bash
# go-talib fills the bars before an indicator has enough data with 0, where TA-Lib has NaN.
# Nothing tells these zeros from values: an RSI of 0 is oversold, and an average of 0 is below every price.
#
# Seen with github.com/markcheno/go-talib v0.0.0-20250114000313-ec55a20c902f and TA-Lib 0.8.2 (PyPI).
# Expected: NaN, for which every comparison is false.
# Why it matters: a strategy that is ported from Python buys on the first bar, as the RSI is below 30 and the price
# is above the average.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"

	talib "github.com/markcheno/go-talib"
)

func main() {
	falling := []float64{9, 8, 7, 6, 5}
	rising := []float64{5, 6, 7, 8, 9}
	fmt.Println("go-talib, average of 3:", talib.Sma(falling, 3))
	fmt.Println("go-talib, RSI of 3 while the price rises:", talib.Rsi(rising, 3))
}
GO
{
  go mod init zeros
  go get github.com/markcheno/go-talib@v0.0.0-20250114000313-ec55a20c902f
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee result
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check TA-Lib==0.8.2
venv/bin/python - <<'PY' | tee -a result
import numpy
import talib

print("TA-Lib, average of 3:", talib.SMA(numpy.array([9.0, 8, 7, 6, 5]), 3))
print("TA-Lib, RSI of 3 while the price rises:", talib.RSI(numpy.array([5.0, 6, 7, 8, 9]), 3))
PY

diff - result <<'EXPECTED'
go-talib, average of 3: [0 0 8 7 6]
go-talib, RSI of 3 while the price rises: [0 0 0 100 100]
TA-Lib, average of 3: [nan nan  8.  7.  6.]
TA-Lib, RSI of 3 while the price rises: [ nan  nan  nan 100. 100.]
EXPECTED
