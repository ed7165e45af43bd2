#!/usr/bin/env bash
# The text parser of Prometheus' Python client renames counters: "orders 3" of type counter is
# read as the sample orders_total, a series that the program never exposed. The Go parser, and
# Prometheus itself, keep the name.
#
# Seen with prometheus_client 0.26.0 (PyPI) and prometheus/common v0.74.0 (Go).
# Expected: a parser returns the names in the text; the suffix _total is a rule of OpenMetrics,
# not of the text format 0.0.4; the exporter of nginx has nginx_connections_accepted without it.
# Why it matters: a test or a sidecar in Python that checks for "orders" finds nothing, and an
# alert rule written from what it printed, orders_total, never fires.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
printf '# TYPE orders counter\norders{venue="A"} 3\n' > metrics.txt
cat metrics.txt

venv/bin/python - <<'PY'
from importlib.metadata import version

from prometheus_client.parser import text_string_to_metric_families

with open("metrics.txt", encoding="utf-8") as file:
    samples = [sample.name for family in text_string_to_metric_families(file.read()) for sample in family.samples]
print("prometheus_client", version("prometheus_client"), "reads", samples)
assert samples == ["orders_total"], samples
PY

mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func main() {
	file, err := os.Open("../metrics.txt")
	if err != nil {
		panic(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(file)
	if err != nil {
		panic(err)
	}
	for name := range families {
		fmt.Printf("prometheus/common v0.74.0 reads [%s]\n", name)
	}
}
GO
{
  go mod init counters
  go get github.com/prometheus/common@v0.74.0
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee out.txt
grep -qxF 'prometheus/common v0.74.0 reads [orders]' out.txt
