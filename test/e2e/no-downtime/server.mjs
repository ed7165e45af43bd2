// A service that takes a while to start and to answer, and finishes its requests when it is stopped. With CRASHES it exits
// before it listens.
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const { CRASHES, PORT, VERSION } = process.env;
const ANSWER_MILLISECONDS = 20;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const isHealthCheck = request.url === '/health';
    setTimeout(
      () => {
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ instance: hostname(), version: VERSION, method: request.method }));
      },
      isHealthCheck ? 0 : ANSWER_MILLISECONDS,
    );
  });
});

setTimeout(() => {
  if (CRASHES) process.exit(1);
  server.listen(Number(PORT));
}, 1000);

process.on('SIGTERM', () => {
  if (!server.listening) process.exit(0);
  server.close(() => process.exit(0));
});
