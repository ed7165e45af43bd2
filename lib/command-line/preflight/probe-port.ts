import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { PortSpec } from '../../index';

/** Binds the port for a moment; returns the error code if that fails, such as `EADDRINUSE`. */
export function probePort({ address, host, protocol }: PortSpec): Promise<string | undefined> {
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
      // Node cannot bind SCTP ports.
      resolve(undefined);
    }
  });
}
