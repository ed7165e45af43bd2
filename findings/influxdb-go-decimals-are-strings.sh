#!/usr/bin/env bash
# The InfluxDB client for Go stores a decimal as text: price="1.1" with quotation marks, and the same for json.Number and
# a duration ("1.5s"). Every type that it does not know goes through fmt's %v into a string field, without an error.
#
# Seen with github.com/influxdata/influxdb-client-go/v2 v2.14.0, github.com/shopspring/decimal v1.6.0 and
# github.com/quagmt/udecimal v1.10.1. The client for Python writes a decimal.Decimal as a number.
# Expected: a number, or an error.
# Why it matters: the measurement looks right in a table, but mean() and every other calculation fail or are empty, and
# the type of a field cannot be changed. A second service that writes the price as a number has its points rejected.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/write"
	"github.com/quagmt/udecimal"
	"github.com/shopspring/decimal"
)

func main() {
	for _, price := range []any{
		1.1,
		decimal.RequireFromString("1.1"),
		udecimal.MustParse("1.1"),
		json.Number("1.1"),
		1500 * time.Millisecond,
	} {
		point := write.NewPoint("trade", map[string]string{"symbol": "BTCUSDT"}, map[string]any{"price": price}, time.Unix(0, 1))
		fmt.Printf("%T: %s", price, write.PointToLineProtocol(point, time.Nanosecond))
	}
}
GO
{
  go mod init decimals
  go get github.com/influxdata/influxdb-client-go/v2@v2.14.0 github.com/shopspring/decimal@v1.6.0 github.com/quagmt/udecimal@v1.10.1
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee result

diff - result <<'EXPECTED'
float64: trade,symbol=BTCUSDT price=1.1 1
decimal.Decimal: trade,symbol=BTCUSDT price="1.1" 1
udecimal.Decimal: trade,symbol=BTCUSDT price="1.1" 1
json.Number: trade,symbol=BTCUSDT price="1.1" 1
time.Duration: trade,symbol=BTCUSDT price="1.5s" 1
EXPECTED
