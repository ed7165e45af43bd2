#!/usr/bin/env bash
# "amqp://host/" means two virtual hosts: "/" for pika, aio-pika, and the Go client, and the
# empty string for the Java client, to which RabbitMQ answers that there is no such virtual
# host. Without the slash all of them use "/".
#
# Seen with pika 1.4.4 and aiormq below aio-pika 10.2.1 (PyPI), amqp091-go v1.16.0 (Go) and
# com.rabbitmq:amqp-client 5.37.1 (Maven).
# Expected: one meaning, as the URL is RabbitMQ's own format; its specification says "".
# Why it matters: one AMQP URL is handed to all services of a stack. With the slash that many
# tools append, the Python and Go services connect and the Java one does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pika==1.4.4 aio-pika==10.2.1

cat > vhost.txt <<'PY'
import asyncio

import pika
from aiormq.connection import Connection

URLS = ("amqp://broker", "amqp://broker/", "amqp://broker/%2f")


async def main():
    print("pika 1.4.4:", *(repr(pika.URLParameters(url).virtual_host) for url in URLS))
    print("aio-pika 10.2.1:", *(repr(Connection(url).vhost) for url in URLS))


asyncio.run(main())
PY

mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	fmt.Print("amqp091-go v1.16.0:")
	for _, url := range []string{"amqp://broker", "amqp://broker/", "amqp://broker/%2f"} {
		uri, err := amqp.ParseURI(url)
		if err != nil {
			panic(err)
		}
		fmt.Printf(" '%s'", uri.Vhost)
	}
	fmt.Println()
}
GO
{
  go mod init vhost
  go get github.com/rabbitmq/amqp091-go@v1.16.0
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
cd ..

for artifact in com.rabbitmq:amqp-client:5.37.1 org.slf4j:slf4j-api:1.7.36 org.slf4j:slf4j-nop:1.7.36; do
  mvn --batch-mode dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=$work/jars" > mvn.log 2>&1 || { cat mvn.log; exit 1; }
done
cat > Vhost.java <<'JAVA'
import com.rabbitmq.client.ConnectionFactory;

public class Vhost {
  public static void main(String[] arguments) throws Exception {
    System.out.print("amqp-client 5.37.1:");
    for (String url : new String[] {"amqp://broker", "amqp://broker/", "amqp://broker/%2f"}) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setUri(url);
      System.out.print(" '" + factory.getVirtualHost() + "'");
    }
    System.out.println();
  }
}
JAVA

echo "virtual hosts of amqp://broker, amqp://broker/ and amqp://broker/%2f"
{
  venv/bin/python vhost.txt
  (cd go && go run .)
  java -cp 'jars/*' Vhost.java
} | tee out.txt
diff - out.txt <<'EXPECTED'
pika 1.4.4: '/' '/' '/'
aio-pika 10.2.1: '/' '/' '/'
amqp091-go v1.16.0: '/' '/' '/'
amqp-client 5.37.1: '/' '' '/'
EXPECTED
