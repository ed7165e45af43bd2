import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConfigurationError, type Configuration } from './configuration';

/** A shorter key can be guessed from one token (RFC 7518, section 3.2). */
const SHORTEST_KEY_BYTES = 32;

/** Accepts only requests with a token that is signed with the key (HS256) and has not expired. */
export class BearerToken {
  /** For `JWT_SECRET_KEY`; `undefined` if that variable is not set. */
  static optional(configuration: Configuration): BearerToken | undefined {
    const key = configuration.optionalText('JWT_SECRET_KEY');
    if (key === undefined) return undefined;
    const bytes = new TextEncoder().encode(key);
    if (bytes.length >= SHORTEST_KEY_BYTES) return new BearerToken(bytes);
    throw new ConfigurationError(
      `JWT_SECRET_KEY has ${bytes.length} bytes; it must have at least ${SHORTEST_KEY_BYTES}, as from openssl rand -hex 32`,
    );
  }

  private constructor(private readonly key: Uint8Array) {}

  /** For `onRequest`, before anything else of the request is processed. */
  readonly require = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const problem = scheme?.toLowerCase() === 'bearer' && token ? await this.problem(token) : 'it has no token';
    if (problem === undefined) return undefined;
    request.log.warn(`refused a request: ${problem}`);
    // The response does not reveal which check failed.
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'a valid bearer token is required' });
  };

  private async problem(token: string): Promise<string | undefined> {
    // jose has no CommonJS form.
    const { jwtVerify } = await import('jose');
    try {
      await jwtVerify(token, this.key, { algorithms: ['HS256'], requiredClaims: ['exp'] });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
