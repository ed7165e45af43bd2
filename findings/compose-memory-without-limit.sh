#!/usr/bin/env bash
# "mem_limit: 1e9" in a Compose file is accepted and means no limit at all: a number with an
# exponent or a decimal point becomes 0, which the engine reads as unlimited. As a string,
# "1e9", the same value is a gigabyte. shm_size does the same, and pids_limit: 1e3 is 1000.
#
# Seen with github.com/compose-spec/compose-go/v2 v2.16.2, the loader of docker compose.
# Expected: a billion bytes, or an error; the schema allows a number here, and 1e9 is one.
# Why it matters: the limit that should keep one strategy from starving the host is gone, and
# "docker compose config" leaves the line out instead of complaining.
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

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func load(line string) types.ServiceConfig {
	text := "services:\n  strategy:\n    image: strategy\n    " + line + "\n"
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  "/srv",
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: []byte(text)}},
	}, func(options *loader.Options) { options.SetProjectName("desk", true) })
	if err != nil {
		panic(err)
	}
	return project.Services["strategy"]
}

func main() {
	failed := false
	check := func(line string, got, want int64) {
		fmt.Printf("%-24s is read as %d\n", line, got)
		failed = failed || got != want
	}
	check("mem_limit: 1e9", int64(load("mem_limit: 1e9").MemLimit), 0)
	check("mem_limit: 1000000000.0", int64(load("mem_limit: 1000000000.0").MemLimit), 0)
	check("shm_size: 1e9", int64(load("shm_size: 1e9").ShmSize), 0)
	check(`mem_limit: "1e9"`, int64(load(`mem_limit: "1e9"`).MemLimit), 1_000_000_000)
	check("mem_limit: 1000000000", int64(load("mem_limit: 1000000000").MemLimit), 1_000_000_000)
	check("pids_limit: 1e3", load("pids_limit: 1e3").PidsLimit, 1000)
	if failed {
		fmt.Println("the behaviour changed")
		os.Exit(1)
	}
}
GO
{
  go mod init memory
  go get github.com/compose-spec/compose-go/v2@v2.16.2
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
echo "compose-go v2.16.2"
go run .
