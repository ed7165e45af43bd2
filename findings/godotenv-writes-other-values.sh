#!/usr/bin/env bash
# godotenv's Write and Marshal change values: "0012" is written as 12 and "+5" as 5, since every value that Go reads as
# an integer is printed as one. A quotation mark at the end of a value comes back as a backslash: it is written as \",
# at which the parser of the same package ends the value.
#
# Seen with github.com/joho/godotenv v1.5.1.
# Expected: the same map after Marshal and Unmarshal; the documentation says that Write serializes the environment.
# Why it matters: the passphrase of an API key, a PIN or an account number with a leading zero is rejected by the
# broker after a tool has added another variable to the file, and some lock the account after a few tries.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/joho/godotenv"
)

func main() {
	for _, value := range []string{"0012", "+5", `a"b`, `ab"`} {
		written, err := godotenv.Marshal(map[string]string{"VALUE": value})
		if err != nil {
			panic(err)
		}
		read, err := godotenv.Unmarshal(written)
		fmt.Printf("%s is written as %s and read as %s %v\n", value, written, read["VALUE"], err)
	}
}
GO
{
  go mod init dotenv
  go get github.com/joho/godotenv@v1.5.1
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee result

diff - result <<'EXPECTED'
0012 is written as VALUE=12 and read as 12 <nil>
+5 is written as VALUE=5 and read as 5 <nil>
a"b is written as VALUE="a\"b" and read as a"b <nil>
ab" is written as VALUE="ab\"" and read as ab\ <nil>
EXPECTED
