// A service that takes a while to start and to answer, and finishes its requests when it is stopped. With FAILS it starts
// and never becomes healthy.
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const { FAILS, PORT, VERSION } = process.env;
const ANSWER_MILLISECONDS = 20;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const isHealthCheck = request.url === '/health';
    setTimeout(
      () => {
        response.statusCode = FAILS ? 503 : 200;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ instance: hostname(), version: VERSION, method: request.method }));
      },
      isHealthCheck ? 0 : ANSWER_MILLISECONDS,
    );
  });
});

setTimeout(() => {
  // A program listens only when it can answer: this one never can.
  if (!FAILS) server.listen(Number(PORT));
}, 1000);

process.on('SIGTERM', () => {
  if (!server.listening) process.exit(0);
  server.close(() => process.exit(0));
});
