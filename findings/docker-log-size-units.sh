#!/usr/bin/env bash
# Docker has two meanings of "1m". --memory 1m is 1,048,576 bytes; max-size=1m of the json-file
# log driver is 1,000,000, and so is max-size=1mib, whose unit is accepted and then ignored.
# 1024k is 1,024,000: "1024m" and "1g" are the same memory and two different log sizes.
#
# Seen with the driver of github.com/docker/docker v28.5.2 and docker/go-units v0.5.0, where
# FromHumanSize and RAMInBytes take the same strings.
# Expected: one meaning in one command line, and MiB as a binary unit everywhere.
# Why it matters: a tool that converts sizes, such as one that writes 1 GiB as 1024m, or sums up
# the disk that the logs of all containers may take, is off by 2.4 to 7.4 per cent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/docker/docker/daemon/logger"
	"github.com/docker/docker/daemon/logger/jsonfilelog"
	"github.com/docker/go-units"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// rotatedAt writes lines through the driver until it rotates, and returns the size of the full file.
func rotatedAt(size string) int64 {
	path := filepath.Join(must(os.MkdirTemp(".", "log")), "container.log")
	driver := must(jsonfilelog.New(logger.Info{
		LogPath: path,
		Config:  map[string]string{"max-size": size, "max-file": "2"},
	}))
	defer driver.Close()
	for range 1500 {
		message := logger.NewMessage()
		message.Line = append(message.Line, bytes.Repeat([]byte("x"), 900)...)
		message.Timestamp = time.Unix(0, 0)
		if err := driver.Log(message); err != nil {
			panic(err)
		}
	}
	return must(os.Stat(path + ".1")).Size()
}

func main() {
	want := map[string][2]int64{
		"1m":    {1_000_000, 1_048_576},
		"1mib":  {1_000_000, 1_048_576},
		"1024k": {1_024_000, 1_048_576},
	}
	failed := false
	for _, size := range []string{"1m", "1mib", "1024k"} {
		log, memory, rotated := must(units.FromHumanSize(size)), must(units.RAMInBytes(size)), rotatedAt(size)
		fmt.Printf("%-5s is %d bytes of memory, %d bytes of log; the driver rotated at %d\n", size, memory, log, rotated)
		// A file may exceed the limit by the line that filled it.
		near := rotated >= log && rotated < log+2000
		failed = failed || log != want[size][0] || memory != want[size][1] || !near
	}
	if must(units.FromHumanSize("1024m")) == must(units.FromHumanSize("1g")) {
		failed = true
	}
	if failed {
		fmt.Println("the behaviour changed")
		os.Exit(1)
	}
}
GO
{
  go mod init logsize
  go get github.com/docker/docker@v28.5.2+incompatible github.com/docker/go-units@v0.5.0
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
echo "docker v28.5.2, go-units v0.5.0"
go run .
