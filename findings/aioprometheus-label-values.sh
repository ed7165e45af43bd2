#!/usr/bin/env bash
# aioprometheus writes the values of labels as they are. One quotation mark, backslash or line break in a value, and
# the page with all metrics of the service cannot be read.
#
# Seen with aioprometheus 23.12.0, read by prometheus_client 0.26.0 (PyPI), which escapes them when it writes.
# Expected: \", \\ and \n, which the text format has for them.
# Why it matters: the reason of a rejected order makes a useful label, and the words of an exchange have quotation marks
# in them. From the first such order on, Prometheus drops every scrape of the service, with all its other metrics.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aioprometheus==23.12.0 prometheus_client==0.26.0

venv/bin/python - <<'PY'
from importlib.metadata import version

import aioprometheus
import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

REASON = 'parameter "price" is off the tick'


def read(page):
    try:
        return [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    except ValueError as error:
        return f"ValueError: {error}"


registry = aioprometheus.Registry()
rejected = aioprometheus.Counter("rejected", "Rejected orders.")
registry.register(rejected)
rejected.inc({"reason": "off the tick"})
before, _ = aioprometheus.render(registry, ["text/plain"])
rejected.inc({"reason": REASON})
after, _ = aioprometheus.render(registry, ["text/plain"])
print("aioprometheus", version("aioprometheus"))
print(after.decode())
print("before:", len(read(before.decode())), "sample, after:", read(after.decode()))

other = prometheus_client.CollectorRegistry()
prometheus_client.Counter("rejected", "Rejected orders.", ["reason"], registry=other).labels(REASON).inc()
page = prometheus_client.generate_latest(other).decode()

assert len(read(before.decode())) == 1
assert f'reason="{REASON}"' in after.decode()
assert isinstance(read(after.decode()), str)
assert read(page)[0].labels == {"reason": REASON}
PY
