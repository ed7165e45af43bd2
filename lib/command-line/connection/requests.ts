import { type IncomingMessage, type OutgoingHttpHeaders, request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { type Duplex, Readable } from 'node:stream';
import type { Connection } from './connection';

/** What a request sends. */
export interface DockerRequest {
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON, unless it is bytes or a stream of bytes. */
  readonly body?: Buffer | Readable | object;
  /**
   * How long the engine may work before it starts to answer, in milliseconds.
   * @default - a time for small requests; minutes for a DELETE, which the engine answers when everything is deleted
   */
  readonly patience?: number;
  /**
   * Ends the request, and the response that is being read.
   * @default - only its own time limits end it
   */
  readonly signal?: AbortSignal | undefined;
}

/** A volume may have millions of files. */
const DELETION_MILLISECONDS = 10 * 60_000;

/**
 * Sends a request and returns the response as soon as it begins.
 * @throws Error the connection's own error, also if the engine takes too long
 */
export function ask(
  connection: Connection,
  method: string,
  path: string,
  request: DockerRequest,
): Promise<IncomingMessage> {
  const {
    query = {},
    headers = {},
    body,
    signal,
    patience = method === 'DELETE' ? DELETION_MILLISECONDS : 0,
  } = request;
  const { isEncrypted, options } = connection;
  const milliseconds = connection.patience + patience;
  const search = new URLSearchParams(query).toString();
  const json = body === undefined || Buffer.isBuffer(body) || body instanceof Readable ? undefined : body;
  const settings = {
    ...options,
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    signal,
  };
  return new Promise((resolve, reject) => {
    const asked = (isEncrypted ? requestEncrypted : requestPlain)(settings);
    let timer: NodeJS.Timeout | undefined;
    let isAnswered = false;
    let isLate = false;
    // Before that it waits for one of a few connections to become free.
    asked.on('socket', () => {
      timer = setTimeout(() => {
        isLate = true;
        asked.destroy(new Error(`no answer within ${milliseconds / 1000} seconds`));
      }, milliseconds);
    });
    asked.on('response', (response) => {
      clearTimeout(timer);
      isAnswered = true;
      resolve(response);
    });
    asked.on('error', (error) => {
      clearTimeout(timer);
      // The response reports it, too.
      if (isAnswered) return;
      // An idle connection may have been closed just when it was used again. Only a query may be sent twice.
      if (asked.reusedSocket && method === 'GET' && !isLate) resolve(ask(connection, method, path, request));
      else reject(error);
    });
    if (body instanceof Readable) body.on('error', (error) => asked.destroy(error)).pipe(asked);
    else asked.end(json === undefined ? body : JSON.stringify(json));
  });
}

/**
 * Sends a request whose connection becomes a stream to a process in a container.
 * @returns the stream, or the response of an engine that refuses it
 * @throws Error the connection's own error
 */
export function openStream(connection: Connection, path: string, body: object): Promise<Duplex | IncomingMessage> {
  const { isEncrypted, options } = connection;
  const headers = { 'content-type': 'application/json', connection: 'Upgrade', upgrade: 'tcp' };
  return new Promise((resolve, reject) => {
    const asked = (isEncrypted ? requestEncrypted : requestPlain)({ ...options, method: 'POST', path, headers });
    asked.on('upgrade', (_response, stream, begin) => {
      // A command may run, and print nothing, for any time.
      stream.setTimeout(0);
      if (begin.length > 0) stream.unshift(begin);
      resolve(stream);
    });
    asked.on('response', resolve).on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

/**
 * The content of a response.
 * @param patience how long it may pause, in milliseconds
 * @param most how many bytes are read, of a response that may be much longer
 * @throws Error the connection's own error, also if the response pauses for longer
 */
export async function contentOf(response: IncomingMessage, patience: number, most = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => {
    response.destroy(new Error(`the answer stopped for ${patience / 1000} seconds`));
  }, patience);
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      // This closes the connection.
      if (size >= most) break;
      timer.refresh();
    }
    const content = Buffer.concat(chunks);
    return size > most ? content.subarray(0, most) : content;
  } finally {
    clearTimeout(timer);
  }
}
