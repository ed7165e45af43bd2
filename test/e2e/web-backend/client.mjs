// Prints the messages that it received as JSON:
//   websocket URL [IDLE SECONDS]                     the answers before and after the time without a message
//   socketio URL TRANSPORT[,TRANSPORT] CLIENTS [no-cookies]   for each client its messages, or its error
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

const MESSAGES_OF_A_CLIENT = 5;
const [kind, url, ...rest] = process.argv.slice(2);
const answer = await (kind === 'websocket' ? webSocket(Number(rest[0] ?? 0)) : socketIo(...rest));
console.log(JSON.stringify(answer));
process.exit(0);

async function webSocket(idleSeconds) {
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const before = await echo(socket, 'before');
  const end = await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000))]);
  return end === 'closed' ? [before, end] : [before, await echo(socket, 'after')];
}

function echo(socket, message) {
  const answered = new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));
  socket.send(message);
  return answered;
}

async function socketIo(transports, clients, noCookies) {
  const withCredentials = noCookies === undefined;
  const all = Array.from({ length: Number(clients) }, () => oneClient(transports.split(','), withCredentials));
  return Promise.all(all);
}

async function oneClient(transports, withCredentials) {
  const socket = io(url, { transports, withCredentials, forceNew: true, reconnection: false });
  try {
    await new Promise((resolve, reject) => {
      socket.on('connect', resolve).on('connect_error', reject);
    });
    const answers = [];
    for (let round = 0; round < MESSAGES_OF_A_CLIENT; round += 1) {
      // Time for the change from polling to WebSocket.
      await new Promise((resolve) => setTimeout(resolve, 200));
      answers.push(await socket.timeout(5000).emitWithAck('echo', round));
    }
    return { answers };
  } catch (error) {
    return { error: error.message };
  } finally {
    socket.disconnect();
  }
}
