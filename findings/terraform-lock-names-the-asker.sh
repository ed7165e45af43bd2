#!/usr/bin/env bash
# Terraform's http backend describes the wrong lock: "Lock Info" of a refused command is the one that it asked for itself,
# with its own user, time and ID, although the server answers with the lock that is held. `force-unlock` with that ID
# fails. Only the line above has the ID of the lock that is held.
# Needs Terraform and Node.js.
set -euo pipefail
cd "$(mktemp -d)"
trap 'kill "$server" 2> /dev/null || true' EXIT

cat > server.js << 'JS'
const lock = JSON.stringify({ ID: 'held-by-anna', Who: 'anna@desk', Operation: 'OperationTypeApply', Created: '2020-01-01T00:00:00Z' });
require('node:http')
  .createServer((request, response) => {
    response.statusCode = { LOCK: 423, GET: 404 }[request.method] ?? 200;
    response.end(request.method === 'LOCK' ? lock : '');
  })
  .listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  });
JS
node server.js > port &
server=$!
until [ -s port ]; do sleep 0.1; done
address="http://127.0.0.1:$(cat port)/state"

cat > main.tf << TF
terraform {
  backend "http" {
    address      = "$address"
    lock_address = "$address"
  }
}
TF
terraform init > /dev/null
refusal=$(terraform plan -no-color -input=false 2>&1 || true)
grep -E 'already locked|ID:|Who:|Created:' <<< "$refusal"

grep -q 'already locked: ID=held-by-anna' <<< "$refusal"
if grep -qE 'Who: +anna@desk|ID: +held-by-anna' <<< "$refusal"; then
  echo "No longer the case: Lock Info is that of the holder." >&2
  exit 1
fi
echo "Anna has held the lock since 2020, and Lock Info names the one who was refused."
