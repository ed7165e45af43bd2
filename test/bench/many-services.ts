import type { App } from 'cdktf';
import { AppService, Engine, Image, PublishedPort, TradingStack, Volume } from '../../lib';
import { HandWrittenStack } from './hand-written';

const FIRST_PORT = 10_000;

/** A desk with a number of bots, each with a port and a volume. */
export function createManyServices(app: App, amount: number): void {
  const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
  const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
  for (let index = 0; index < amount; index += 1) {
    new AppService(stack, `bot_${index}`, {
      image,
      environment: { STRATEGY: 'momentum', BOT: index, LOG_LEVEL: 'info' },
      volumes: [Volume.retained(`bot_${index}`).mountAt('/data')],
      ports: [PublishedPort.loopback(8000, { hostPort: FIRST_PORT + index })],
    });
  }
}

/** The same desk, written by hand. */
export function createManyContainers(app: App, amount: number): void {
  const stack = new HandWrittenStack(app, 'desk', { name: 'desk' });
  const image = stack.image('platform_image-ghcr-io-desk-bot-1-4-0_1BB8A66B', 'ghcr.io/desk/bot:1.4.0');
  for (let index = 0; index < amount; index += 1) {
    stack.program(`bot_${index}`, image, 8000, {
      user: '1000:1000',
      env: [`BOT=${index}`, 'LOG_LEVEL=info', 'PORT=8000', 'STRATEGY=momentum'],
      volumes: [{ volumeName: `desk_bot_${index}`, containerPath: '/data', readOnly: false }],
      ports: [{ internal: 8000, external: FIRST_PORT + index, ip: '127.0.0.1', protocol: 'tcp' }],
    });
  }
}
