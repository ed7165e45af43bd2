// Answers every request with a description of it. ROLE selects what else it does: `api` echoes WebSocket messages at
// /ws and /impatient, `sockets` echoes those of Socket.IO.
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

const { ROLE, VERSION } = process.env;
const self = { instance: hostname(), version: VERSION };

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('X-Frame-Options', 'SAMEORIGIN');
    response.end(JSON.stringify({ ...self, method, url, headers, body, padding: 'x'.repeat(2000) }));
  });
});

if (ROLE === 'sockets') {
  new Server(server).on('connection', (socket) => {
    socket.on('echo', (message, answer) => answer({ ...self, message, transport: socket.conn.transport.name }));
  });
} else {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (message) => client.send(JSON.stringify({ ...self, message: String(message) })));
    });
  });
}

server.listen(8000);
process.on('SIGTERM', () => process.exit(0));
