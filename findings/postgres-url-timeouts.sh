#!/usr/bin/env bash
# asyncpg sends options of the client to the server: with ?connect_timeout=5 or ?keepalives=1,
# both ordinary in a PostgreSQL URL, every connection is refused with "unrecognized
# configuration parameter". pgx for Go knows connect_timeout, and sends keepalives as well.
# psycopg, on PostgreSQL's own library, keeps both to itself.
#
# Seen with asyncpg 0.32.0 and psycopg 3.3.9 (PyPI), pgx v5.13.0 (Go). The message is that of
# PostgreSQL 15; here the servers are stand-ins that only record what a client sends first.
# Expected: one URL works in all clients, as it is handed to all services of a stack alike.
# Why it matters: adding a timeout to the one DATABASE_URL of a stack stops the asyncio services
# and leaves the others running.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check asyncpg==0.32.0 'psycopg[binary]==3.3.9'

venv/bin/python - <<'PY'
import asyncio
import struct
from importlib.metadata import version

import asyncpg
import psycopg

received = []


async def record(reader, writer):
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    body = await reader.readexactly(length - 4)
    words = body[4:].rstrip(b"\0").decode().split("\0")
    received.append(dict(zip(words[::2], words[1::2])))
    writer.close()


async def startup(connect, url):
    received.clear()
    try:
        await connect(url)
    except (OSError, asyncpg.PostgresError, psycopg.Error):
        pass  # The stand-in hangs up after the first message.
    return {key: value for key, value in received[0].items() if key not in ("user", "database", "client_encoding")}


async def main():
    server = await asyncio.start_server(record, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for option in ("connect_timeout=5", "keepalives=1"):
        url = f"postgresql://desk:pw@127.0.0.1:{port}/orders?sslmode=disable&{option}"
        name, value = option.split("=")
        asynchronous = await startup(asyncpg.connect, url)
        libpq = await startup(psycopg.AsyncConnection.connect, url)
        print(f"?{option}: asyncpg asks the server for {asynchronous}, psycopg for {libpq}")
        assert asynchronous == {name: value}, asynchronous
        assert libpq == {}, libpq
    server.close()


print("asyncpg", version("asyncpg"), "and psycopg", version("psycopg"))
asyncio.run(main())
PY

mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/jackc/pgx/v5"
)

func main() {
	config, err := pgx.ParseConfig("postgresql://desk:pw@127.0.0.1/orders?connect_timeout=5&keepalives=1")
	if err != nil {
		panic(err)
	}
	fmt.Println("pgx v5.13.0 connects within", config.ConnectTimeout, "and asks the server for", config.RuntimeParams)
}
GO
{
  go mod init url
  go get github.com/jackc/pgx/v5@v5.13.0
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee out.txt
grep -qxF 'pgx v5.13.0 connects within 5s and asks the server for map[keepalives:1]' out.txt
