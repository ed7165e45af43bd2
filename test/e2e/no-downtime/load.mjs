// Sends requests at a steady rate until its input ends: GET and POST in turn, each with an id of its own.
//   load.mjs URL PER_SECOND [keep]    keep: keeps connections, as most clients do
// At the end it prints one JSON document.
import { Agent, request } from 'node:http';

const [url, perSecond, keep] = process.argv.slice(2);
const agent = new Agent({ keepAlive: keep === 'keep' });
const failures = {};
const versions = {};
const instances = new Set();
const times = [];
let sent = 0;
const open = new Set();

function send() {
  const method = (sent += 1) % 2 === 0 ? 'GET' : 'POST';
  const started = performance.now();
  const done = new Promise((resolve) => {
    const finish = (failure) => {
      times.push(performance.now() - started);
      if (failure) failures[`${method} ${failure}`] = (failures[`${method} ${failure}`] ?? 0) + 1;
      resolve();
    };
    const asked = request(url, { method, agent, timeout: 30_000 }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('error', (error) => finish(error.code));
      response.on('end', () => {
        if (response.statusCode !== 200) return finish(response.statusCode);
        const { version, instance } = JSON.parse(body);
        versions[version] = (versions[version] ?? 0) + 1;
        instances.add(instance);
        finish();
      });
    });
    asked.on('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    asked.on('error', (error) => finish(error.code ?? error.message));
    asked.end(method === 'POST' ? JSON.stringify({ order: sent }) : undefined);
  });
  open.add(done);
  done.then(() => open.delete(done));
}

// A timer that is late sends what it owes, so the rate holds.
const began = performance.now();
const timer = setInterval(() => {
  const due = ((performance.now() - began) / 1000) * Number(perSecond);
  while (sent < due) send();
}, 5);

process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  await Promise.all(open);
  times.sort((a, b) => a - b);
  const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  const seconds = Math.round((performance.now() - began) / 1000);
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const milliseconds = { median: at(0.5), p99: at(0.99), longest: at(1) };
  console.log(JSON.stringify({ sent, seconds, failed, failures, versions, instances: instances.size, milliseconds }));
  process.exit(0);
});
