import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { bindAddress, type PortSpec } from '../../internal';

/** Takes the port for a moment; the error code if that fails. */
export function errorOfBinding(port: PortSpec): Promise<string | undefined> {
  const { host, protocol } = port;
  const address = bindAddress(port);
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      resolve(error.code ?? error.message);
    };
    if (protocol === 'udp') {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').on('error', failed);
      socket.bind(host, address, () =>
        socket.close(() => {
          resolve(undefined);
        }),
      );
    } else if (protocol === 'tcp') {
      const server = createServer().on('error', failed);
      server.listen(host, address, () =>
        server.close(() => {
          resolve(undefined);
        }),
      );
    } else {
      // Node has no SCTP.
      resolve(undefined);
    }
  });
}
