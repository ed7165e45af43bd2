#!/usr/bin/env bash
# Some options cannot be switched off in a Redis URL: redis-py reads ?decode_responses=false as
# the string "false", which counts as true, and ?socket_keepalive=off as True. ioredis keeps its
# offline queue with ?enableOfflineQueue=false. go-redis rejects values that are not booleans.
#
# Seen with redis 8.1.0 (PyPI), ioredis 6.0.0 (npm) and go-redis v9.23.0 (Go).
# Expected: false is false, or an error; redis-py does convert "no" and "0" for socket_keepalive.
# Why it matters: enableOfflineQueue=false is there so that an order is rejected at once while
# Redis is away. With the URL, orders wait in memory and are sent when the connection returns.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check redis==8.1.0
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ioredis@6.0.0

venv/bin/python - <<'PY'
import redis
from redis.connection import parse_url

print("redis", redis.__version__)
seen = {}
for query in ("decode_responses=false", "decode_responses=0", "socket_keepalive=off", "socket_keepalive=no"):
    (value,) = (value for key, value in parse_url(f"redis://cache?{query}").items() if key != "host")
    seen[query] = value
    print(f"?{query}: {value!r}, which is {bool(value)}")
assert seen == {
    "decode_responses=false": "false",
    "decode_responses=0": "0",
    "socket_keepalive=off": True,
    "socket_keepalive=no": False,
}, seen
pool = redis.ConnectionPool.from_url("redis://cache?decode_responses=false")
assert pool.get_encoder().decode_responses
PY

cat > queue.cjs <<'JS'
const assert = require('node:assert/strict');
const Redis = require('ioredis');

(async () => {
  console.log('ioredis', require('ioredis/package.json').version);
  // Nothing listens on port 1, so an order without a queue has to fail at once.
  const outcome = async (redis) => {
    redis.on('error', () => {});
    const order = redis.set('order', '1').then(() => 'stored', (error) => error.message.slice(0, 27));
    const result = await Promise.race([order, new Promise((resolve) => setTimeout(resolve, 300, 'waits in the queue'))]);
    redis.disconnect();
    return result;
  };
  const byUrl = await outcome(new Redis('redis://127.0.0.1:1?enableOfflineQueue=false', { retryStrategy: () => 100 }));
  const byOption = await outcome(new Redis('redis://127.0.0.1:1', { enableOfflineQueue: false, retryStrategy: () => 100 }));
  console.log('enableOfflineQueue=false in the URL:', byUrl);
  console.log('enableOfflineQueue: false as option:', byOption);
  assert.equal(byUrl, 'waits in the queue');
  assert.match(byOption, /Stream isn't writeable/);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
node queue.cjs

mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/redis/go-redis/v9"
)

func main() {
	_, err := redis.ParseURL("redis://cache?pool_fifo=off")
	fmt.Println("go-redis v9.23.0:", err)
}
GO
{
  go mod init booleans
  go get github.com/redis/go-redis/v9@v9.23.0
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee out.txt
grep -q 'invalid pool_fifo boolean' out.txt
