#!/usr/bin/env bash
# StringFixed(2) of udecimal does not round: 1.005 stays "1.005". It only appends zeros, as its documentation shows. In
# shopspring/decimal, whose method of that name it has, the result has two decimal places.
#
# Seen with github.com/quagmt/udecimal v1.10.1 and github.com/shopspring/decimal v1.6.0.
# Expected: two decimal places, rounded or cut.
# Why it matters: code is moved from one to the other for speed, and still compiles. Prices that were rounded to the
# tick by StringFixed are sent with all their digits, and the exchange rejects those orders that have more of them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/quagmt/udecimal"
	"github.com/shopspring/decimal"
)

func main() {
	for _, price := range []string{"1.5", "1.005", "-1234.5678"} {
		fmt.Printf("%s: decimal %s, udecimal %s\n", price,
			decimal.RequireFromString(price).StringFixed(2), udecimal.MustParse(price).StringFixed(2))
	}
}
GO
{
  go mod init fixed
  go get github.com/quagmt/udecimal@v1.10.1 github.com/shopspring/decimal@v1.6.0
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee result

diff - result <<'EXPECTED'
1.5: decimal 1.50, udecimal 1.50
1.005: decimal 1.01, udecimal 1.005
-1234.5678: decimal -1234.57, udecimal -1234.5678
EXPECTED
