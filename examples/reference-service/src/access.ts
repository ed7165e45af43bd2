import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BearerToken } from './bearer-token';
import { ConfigurationError, type Configuration } from './configuration';

/** Why a request is refused. */
export interface Refusal {
  readonly code: 401 | 403;
  readonly error: string;
}

/** The subprotocol with which a browser, which cannot set headers of a WebSocket, sends a token. */
export const TOKEN_PROTOCOL = 'bearer';

/**
 * Who may use the interfaces for clients outside of the system. With `JWT_SECRET_KEY` it takes a token. Without one, a
 * service for this machine or its network is still not for every web page that a browser there has open: pages of other
 * origins are refused, and so are names that may have been made to point here.
 */
export class Access {
  private readonly token: BearerToken | undefined;
  /** Origins of pages on other hosts than this one: `https://desk.example`. */
  private readonly origins: ReadonlySet<string>;

  constructor(configuration: Configuration) {
    this.token = BearerToken.optional(configuration);
    this.origins = new Set(
      configuration
        .text('ALLOWED_ORIGINS', '')
        .split(',')
        .map(originOf)
        .filter((one) => one !== ''),
    );
  }

  get needsToken(): boolean {
    return this.token !== undefined;
  }

  /** For `onRequest` of what every page that may use the service may read. */
  readonly requireOrigin = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const refusal = this.refusalOfPage(request.headers);
    return refusal && refuse(request, reply, refusal);
  };

  /** For `onRequest`, before anything else of the request is processed. */
  readonly require = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const refusal = await this.refusal(request.headers);
    return refusal && refuse(request, reply, refusal);
  };

  /** Why a request is refused. A WebSocket may have its token among the subprotocols. */
  async refusal(headers: IncomingHttpHeaders): Promise<Refusal | undefined> {
    return this.refusalOfPage(headers) ?? (await this.refusalOfToken(tokenIn(headers)));
  }

  /** Why a page, or the name with which it reached the service, is refused. */
  refusalOfPage({ host = '', origin }: IncomingHttpHeaders): Refusal | undefined {
    // Of several names that point here, only this one may be that of another site.
    if (this.token === undefined && !this.isOwnName(host)) {
      return { code: 403, error: 'this host name is not in ALLOWED_ORIGINS' };
    }
    if (origin === undefined || this.origins.has(origin.toLowerCase())) return undefined;
    if (hostOf(origin) === host.toLowerCase()) return undefined;
    return { code: 403, error: 'this origin is not in ALLOWED_ORIGINS' };
  }

  async refusalOfToken(token: string | undefined): Promise<Refusal | undefined> {
    if (this.token === undefined || (token !== undefined && (await this.token.accepts(token)))) return undefined;
    // The response does not reveal which check failed.
    return { code: 401, error: 'a valid bearer token is required' };
  }

  /** An address, a name on this machine or on the network of the containers, or one that is allowed. */
  private isOwnName(host: string): boolean {
    const name = host
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1');
    const isAllowed = [...this.origins].some((origin) => hostOf(origin) === host.toLowerCase());
    return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || isAllowed;
  }
}

function refuse(request: FastifyRequest, reply: FastifyReply, { code, error }: Refusal): FastifyReply {
  request.log.warn(`refused a request: ${error}`);
  if (code === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(code).send({ error });
}

export function tokenIn(headers: IncomingHttpHeaders): string | undefined {
  const [scheme, token] = (headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  return protocols.includes(TOKEN_PROTOCOL) ? protocols.find((protocol) => protocol !== TOKEN_PROTOCOL) : undefined;
}

/** Host and port of an origin; a page without one of its own has the origin `null`. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}

function originOf(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  if (/^https?:\/\//.test(trimmed) && URL.canParse(trimmed)) return new URL(trimmed).origin;
  throw new ConfigurationError(
    `ALLOWED_ORIGINS has "${trimmed}"; it must be origins separated by commas, such as https://desk.example`,
  );
}
