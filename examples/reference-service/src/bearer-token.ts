import { ConfigurationError, type Configuration } from './configuration';

/** A shorter key can be guessed from one token (RFC 7518, section 3.2). */
const SHORTEST_KEY_BYTES = 32;

/** Accepts only tokens that are signed with the key (HS256) and have not expired. */
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

  async accepts(token: string): Promise<boolean> {
    // jose has no CommonJS form.
    const { jwtVerify } = await import('jose');
    try {
      await jwtVerify(token, this.key, { algorithms: ['HS256'], requiredClaims: ['exp'] });
      return true;
    } catch {
      return false;
    }
  }
}
