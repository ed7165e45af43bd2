import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { containersOf, eventually, execute, idsOf, logsOf, refuseExisting, replaced, volumes } from '../harness/engine';
import { Project } from '../harness/project';
import { standInLabel } from '../harness/images';
import { mustRun } from '../harness/run';

/** The only address that a browser needs. */
const PAGE = 'http://127.0.0.1:3200';
const MIGRATIONS = 'examples/alpaca/backend/alembic/versions';
const TABLES = `${MIGRATIONS}/0001_tables.py`;
const SOCKETS = `${PAGE}/ws/socket.io/?EIO=4`;

interface Fill {
  readonly orderId: string;
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
}

interface Prices {
  readonly prices: readonly { readonly symbol: string; readonly ask: number }[];
}

let project: Project;

beforeAll(async () => {
  await refuseExisting('alpaca');
  project = await Project.copy('docker');
});

afterAll(async () => {
  await project.destroy('alpaca');
  await project.remove();
});

describe('the Alpaca bot', () => {
  test('starts only its servers while the migration fails, and shows why it fails', async () => {
    await project.edit(TABLES, '["filled_at"]', '["settled_at"]');
    const outcome = await project.script('deploy', 'alpaca', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toMatch(/column \W*settled_at\W* does not exist/);
    const there = await containersOf('alpaca');
    expect(there.get('migration')?.State.ExitCode).toBe(1);
    expect(there.has('backend') || there.has('frontend')).toBe(false);
  });

  test('is deployed by the fixed migration, with all four services healthy', async () => {
    await project.edit(TABLES, '["settled_at"]', '["filled_at"]');
    await project.deploy('alpaca');

    const states = [...(await containersOf('alpaca'))].map(
      ([name, { State }]) => `${name}: ${State.Health?.Status ?? `${State.Status} ${State.ExitCode}`}`,
    );
    expect(states.sort()).toEqual([
      'backend: healthy',
      'db: healthy',
      'frontend: healthy',
      'migration: exited 0',
      'redis: healthy',
    ]);
  });

  test('shows its page', async () => {
    expect(await (await fetch(PAGE)).text()).toContain('<title>Alpaca bot</title>');
  });

  test('answers through nginx as the backend does', async () => {
    for (const origin of [PAGE, 'http://127.0.0.1:8200']) {
      const response = await fetch(`${origin}/api/health`);

      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: 'healthy', service: 'backend' });
    }
  });

  test('fills an order of the page and shows it', async () => {
    const { prices } = await json<Prices>('/api/prices');
    expect(prices.map(({ symbol }) => symbol).sort()).toEqual(['AAPL', 'MSFT', 'SPY']);

    const price = prices.find(({ symbol }) => symbol === 'AAPL')?.ask;
    const order = { id: 'by-hand-1', symbol: 'AAPL', side: 'BUY', quantity: 2, price };
    const response = await fetch(`${PAGE}/api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(order),
    });
    const fill = { orderId: order.id, symbol: 'AAPL', side: 'BUY', quantity: 2, price };
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ id: order.id, status: 'filled', fill });
    const { fills } = await json<{ fills: Fill[] }>('/api/fills');
    expect(fills.find(({ orderId }) => orderId === order.id)).toMatchObject(fill);
  });

  test('passes Socket.IO through nginx, by polling and as a WebSocket', async () => {
    const polled = await fetch(`${SOCKETS}&transport=polling`);

    expect(polled.status).toBe(200);
    expect(await polled.text()).toMatch(/^0\{"sid":/);
    // After a header of two or four bytes, the first frame contains the same as the answer above.
    expect(await firstFrame(`${SOCKETS}&transport=websocket`)).toMatch(/0\{"sid":/);
  });

  test('ends on SIGTERM with its work done, and continues at the last prices', async () => {
    const { prices } = await json<Prices>('/api/prices');
    await mustRun('docker', ['stop', 'alpaca-backend']);
    // Uvicorn passes the signal on to itself when it has ended its work.
    expect((await containersOf('alpaca')).get('backend')?.State).toMatchObject({ Status: 'exited', ExitCode: 143 });
    expect(await logsOf('alpaca-backend')).toContain('"msg": "stopped"');

    await mustRun('docker', ['start', 'alpaca-backend']);
    await eventually(
      () => fetch(`${PAGE}/api/health`),
      ({ status }) => status === 200,
    );
    const after = await json<Prices>('/api/prices');
    for (const { symbol, ask } of prices) {
      const now = after.prices.find((one) => one.symbol === symbol)?.ask ?? 0;
      expect([symbol, Math.abs(now / ask - 1) < 0.02]).toEqual([symbol, true]);
    }
  });

  test('has a backend in whose image its own tests pass', async () => {
    const image = (await containersOf('alpaca')).get('backend')?.Image ?? '';
    const tests = project.path('examples/alpaca/backend/tests');
    await mustRun('docker', ['build', '--build-arg', `BACKEND=${image}`, tests]);
  });

  test('changes nothing when the migration is repeated by hand', async () => {
    expect(await mustRun('docker', ['start', '--attach', 'alpaca-migration'])).toContain(
      'the schema is at revision 0001',
    );
    expect(await project.plannedChanges('alpaca')).toEqual([]);
  });

  test('keeps running unchanged when a later migration fails', async () => {
    const before = idsOf(await containersOf('alpaca'));
    const later = `${MIGRATIONS}/0002_trades.py`;
    await project.write(later, FAILING_MIGRATION);
    const outcome = await project.script('deploy', 'alpaca', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toMatch(/relation \W*nowhere\W* does not exist/);
    expect(replaced(before, idsOf(await containersOf('alpaca')))).toEqual(['migration']);
    expect((await fetch(`${PAGE}/api/health`)).status).toBe(200);

    await rm(project.path(later));
    await project.deploy('alpaca');
    expect(await project.plannedChanges('alpaca')).toEqual([]);
  });

  test('has images without secrets that are below 300 and 50 MB and little larger than their base images', async () => {
    for (const [name, folder, base, total, added] of [
      ['backend', '/app', 'python:3.12-slim', 300, 120],
      ['frontend', '/usr/share/nginx/html', 'nginxinc/nginx-unprivileged:1.30-alpine-slim', 50, 1],
    ] as const) {
      const image = await mustRun('docker', ['inspect', '--format', '{{.Image}}', `alpaca-${name}`]);
      const size = await sizeOf(image.trim());

      expect([name, size - (await sizeOf(base)) < added * 1e6]).toEqual([name, true]);
      const standIn = await standInLabel(base);
      if (standIn === undefined) expect([name, size < total * 1e6]).toEqual([name, true]);
      else process.stderr.write(`NOT CHECKED: the size of alpaca-${name}, because ${base} is a stand-in\n`);
      expect(await execute(`alpaca-${name}`, 'find', folder, '-name', '.env*')).toBe('');
    }
  });

  test('is removed with its volumes by destroy --volumes', async () => {
    expect((await volumes()).filter((name) => name.startsWith('alpaca_'))).toEqual([
      'alpaca_postgres_data',
      'alpaca_redis_data',
    ]);

    await project.destroy('alpaca');

    expect([...(await containersOf('alpaca')).keys()]).toEqual([]);
    expect((await volumes()).filter((name) => name.startsWith('alpaca_'))).toEqual([]);
  });
});

const FAILING_MIGRATION = `
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE TABLE trades (order_id text REFERENCES nowhere)")


def downgrade() -> None:
    op.drop_table("trades")
`;

async function json<T>(path: string): Promise<T> {
  return (await (await fetch(`${PAGE}${path}`)).json()) as T;
}

async function sizeOf(image: string): Promise<number> {
  return Number(await mustRun('docker', ['image', 'inspect', '--format', '{{.Size}}', image]));
}

/** Upgrades to a WebSocket and returns the first data that it receives. */
function firstFrame(url: string): Promise<string> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.from('sixteen bytes...').toString('base64'),
  };
  return new Promise((resolve, reject) => {
    get(url, { headers }, ({ statusCode }) => {
      reject(new Error(`The server answered ${statusCode}.`));
    })
      .on('error', reject)
      .on('upgrade', (_response, socket, head) => {
        const give = (frame: Buffer): void => {
          socket.destroy();
          resolve(frame.toString('latin1'));
        };
        if (head.length > 0) give(head);
        else socket.once('data', give);
      });
  });
}
