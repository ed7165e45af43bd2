#!/usr/bin/env bash
# Docker Compose rewrites unquoted values of a mapping under "environment": the container gets
# START=2026-03-20 00:00:00 +0000 UTC for 2026-03-20, PRICE=1.1 for 1.10, TICK=1e-07 for
# 0.0000001, NOTIONAL=1e+08 for 100000000.0 and PORT_ID=10 for 012. Yet 10:30 and "yes" stay.
#
# Seen with github.com/compose-spec/compose-go/v2 v2.16.2, the loader of docker compose.
# Expected: environment variables are strings, so what is written arrives; the list form,
# "- START=2026-03-20", does exactly that.
# Why it matters: a strategy that parses START as a date fails at start, and one that reads
# TICK with a decimal parser that does not know exponents rounds prices to zero.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

var written = [][2]string{
	{"START", "2026-03-20"}, {"PRICE", "1.10"}, {"TICK", "0.0000001"}, {"NOTIONAL", "100000000.0"},
	{"PORT_ID", "012"}, {"LOTS", "1_000"}, {"OPEN", "10:30"}, {"HEDGE", "yes"},
}

func environment(format string) map[string]*string {
	text := "services:\n  strategy:\n    image: strategy\n    environment:\n"
	for _, pair := range written {
		text += "      " + fmt.Sprintf(format, pair[0], pair[1]) + "\n"
	}
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  "/srv",
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: []byte(text)}},
	}, func(options *loader.Options) { options.SetProjectName("desk", true) })
	if err != nil {
		panic(err)
	}
	return project.Services["strategy"].Environment
}

func main() {
	mapping, list := environment("%s: %s"), environment("- %s=%s")
	var changed []string
	for _, pair := range written {
		fmt.Printf("%-8s written %-12s mapping gives %-30s list gives %s\n", pair[0], pair[1], *mapping[pair[0]], *list[pair[0]])
		if *list[pair[0]] != pair[1] {
			fmt.Println("the list form changed", pair[0])
			os.Exit(1)
		}
		if *mapping[pair[0]] != pair[1] {
			changed = append(changed, pair[0]+"="+*mapping[pair[0]])
		}
	}
	sort.Strings(changed)
	got := strings.Join(changed, ";")
	if got != "LOTS=1000;NOTIONAL=1e+08;PORT_ID=10;PRICE=1.1;START=2026-03-20 00:00:00 +0000 UTC;TICK=1e-07" {
		fmt.Println("changed values:", got)
		os.Exit(1)
	}
}
GO
{
  go mod init environment
  go get github.com/compose-spec/compose-go/v2@v2.16.2
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
echo "compose-go v2.16.2"
go run .
