import {
  AppService,
  Cpu,
  Duration,
  Endpoint,
  PublishedPort,
  ExternalEndpoint,
  type ExternalEndpointProps,
  Image,
  MonitoringStack,
  RedisCache,
  ReverseProxy,
  type ReverseProxyProps,
  Route,
  type RouteOptions,
  Size,
  TradingStack,
} from '../../../lib';
import { createApp, createStack, containerNamed, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, fileOf, startOf, warningsOf } from '../fixtures';

type Options = Omit<ReverseProxyProps, 'routes'>;

/** A stack with a back end, and the routes that are made for it. */
function withRoutes(routes: (backend: AppService) => readonly Route[], options: Options = {}) {
  return (stack: TradingStack): ReverseProxy =>
    new ReverseProxy(stack, 'proxy', { ...options, routes: routes(new AppService(stack, 'backend', { image: BOT })) });
}

/** The `nginx.conf` that comes of it. */
function configuration(routes: (backend: AppService) => readonly Route[], options: Options = {}): string {
  return fileOf(containerNamed(synthesizeStack(withRoutes(routes, options)), 'desk-proxy'), '/etc/nginx/nginx.conf');
}

function creating(routes: (backend: AppService) => readonly Route[], options: Options = {}): () => unknown {
  return () => createStack(withRoutes(routes, options));
}

/** The block that starts with this line, without the indentation of the file. */
function block(start: string, text: string): string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() === `${start} {`);
  if (first === -1) throw new Error(`no ${start} in ${text}`);
  const length = lines.slice(first).findIndex((line) => line.trim() === '}');
  return lines.slice(first + 1, first + length).map((line) => line.trim());
}

describe.each(ENGINES)('ReverseProxy on $engineName', ({ createEngine }) => {
  test('creates one nginx with its configuration, after its back ends', () => {
    const terraform = synthesizeStack(
      withRoutes(
        (backend) => [
          Route.http('/api/', backend),
          Route.http('/reports/', backend, { stripPath: true }),
          Route.webSocket('/ws', backend),
          Route.socketIo('/socket.io/', backend),
        ],
        { ports: [PublishedPort.allInterfaces(8080)] },
      ),
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a route', () => {
  test.each([
    ['/api/', '/api/'],
    ['/ws', '= /ws'],
    ['/', '/'],
    ['/v1.2/feature-api/', '/v1.2/feature-api/'],
  ])('to %s is the location %s', (path, location) => {
    expect(
      block(
        `location ${location}`,
        configuration((backend) => [Route.http(path, backend)]),
      ),
    ).toContain('set $backend "backend:8000";');
  });

  test('over HTTP passes no upgrade on, and gives up after a minute', () => {
    expect(
      block(
        'location /api/',
        configuration((backend) => [Route.http('/api/', backend)]),
      ),
    ).toEqual(
      expect.arrayContaining([
        'proxy_read_timeout 60000ms;',
        'proxy_set_header Upgrade "";',
        'proxy_set_header Connection "";',
      ]),
    );
  });

  test.each([
    ['webSocket', (backend: AppService) => Route.webSocket('/live/', backend)],
    ['socketIo', (backend: AppService) => Route.socketIo('/live/', backend)],
  ])('of %s passes the upgrade on, and lets an hour go by without a message', (_kind, create) => {
    expect(
      block(
        'location /live/',
        configuration((backend) => [create(backend)]),
      ),
    ).toEqual(
      expect.arrayContaining([
        'proxy_read_timeout 3600000ms;',
        'proxy_send_timeout 3600000ms;',
        'proxy_set_header Upgrade $websocket;',
        'proxy_set_header Connection $connection_to_backend;',
      ]),
    );
  });

  test('waits as long as it is told', () => {
    const text = configuration((backend) => [Route.http('/api/', backend, { readTimeout: Duration.minutes(5) })]);

    expect(block('location /api/', text)).toContain('proxy_read_timeout 300000ms;');
  });

  test('leaves its path to the back end, or takes it away', () => {
    const text = configuration((backend) => [
      Route.http('/kept/', backend),
      Route.http('/gone/', backend, { stripPath: true }),
    ]);

    expect(block('location /kept/', text).join()).not.toContain('rewrite');
    expect(block('location /gone/', text).slice(0, 3)).toEqual([
      'set $backend "backend:8000";',
      'proxy_pass http://$backend;',
      'rewrite "(?s)^/gone/(.*)$" /$1 break;',
    ]);
  });

  test('to anything else is not found, unless there is one to everything', () => {
    expect(
      block(
        'location /',
        configuration((backend) => [Route.http('/api/', backend)]),
      ),
    ).toEqual(['return 404;']);
    expect(configuration((backend) => [Route.http('/', backend)]).match(/location \/ \{/g)).toHaveLength(2);
  });
});

describe('a back end', () => {
  test('stands in a variable, whose name is resolved again and again', () => {
    const text = configuration((backend) => [Route.http('/api/', backend)]);

    expect(block('location /api/', text)).toEqual(
      expect.arrayContaining(['set $backend "backend:8000";', 'proxy_pass http://$backend;']),
    );
    expect(text).toContain('resolver 127.0.0.11 valid=2s ipv6=off;');
    expect(text).not.toContain('upstream ');
  });

  test('has one upstream with a cookie for Socket.IO', () => {
    const text = configuration((backend) => [
      Route.http('/api/', backend),
      Route.socketIo('/socket.io/', backend),
      Route.socketIo('/ws/', backend),
    ]);

    expect(text.match(/upstream /g)).toHaveLength(1);
    expect(block('upstream replica_of_backend_8000', text)).toEqual([
      'zone replica_of_backend_8000 64k;',
      'server backend:8000 resolve fail_timeout=2s;',
      'sticky cookie replica_of_backend_8000 path=/ httponly samesite=lax;',
    ]);
    expect(block('location /socket.io/', text)).toContain('proxy_pass http://replica_of_backend_8000;');
  });

  test('is started before, and gives nginx no variables', () => {
    const terraform = synthesizeStack(withRoutes((backend) => [Route.http('/api/', backend)]));

    expect(startOf(terraform, 'desk-proxy')).toEqual({
      environment: {},
      secrets: [],
      after: ['docker_container.desk-backend'],
    });
  });

  test('is not waited for where the route is optional', () => {
    const terraform = synthesizeStack(withRoutes((backend) => [Route.http('/api/', backend, { optional: true })]));

    expect(startOf(terraform, 'desk-proxy').after).toEqual([]);
  });

  test('of several is waited for with all of them', () => {
    const terraform = synthesizeStack((stack) => {
      const backend = new AppService(stack, 'backend', { image: BOT, replicas: 2 });
      new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', backend)] });
    });

    expect(startOf(terraform, 'desk-proxy').after).toEqual([
      'docker_container.desk-backend-1',
      'docker_container.desk-backend-2',
    ]);
  });

  test('on the host is taken from the hosts file, which no name server knows', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'gateway', { port: 9000, scheme: 'http' });
      new ReverseProxy(stack, 'proxy', { routes: [Route.http('/gateway/', gateway)] });
    });
    const container = containerNamed(terraform, 'desk-proxy');

    expect(container.host).toEqual([{ host: 'host.docker.internal', ip: 'host-gateway' }]);
    expect(fileOf(container, '/etc/nginx/nginx.conf')).toContain('proxy_pass http://host.docker.internal:9000;');
  });

  test('without HTTP is refused', () => {
    expect(() =>
      createStack((stack) => {
        const cache = new RedisCache(stack, 'redis');
        new ReverseProxy(stack, 'proxy', { routes: [Route.http('/cache/', cache)] });
      }),
    ).toThrow('desk/proxy: the route /cache/ leads to redis, which speaks redis. Name something with HTTP');
  });

  test('of another stack is refused', () => {
    const app = createApp();
    const other = new AppService(createStack(), 'backend', { image: BOT });
    const stack = new TradingStack(app, 'front', { engine: ENGINES[0].createEngine() });

    expect(() => new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', other, { optional: true })] })).toThrow(
      /^front\/proxy: it uses desk\/backend of another stack/,
    );
  });

  test('with a host that nginx would read as something else is refused', () => {
    expect(() =>
      createStack((stack) => {
        const props = { scheme: 'http', host: 'a; include /etc/passwd', port: 80, envPrefix: 'FAR', startAfter: [] };
        const endpoint = new Endpoint(stack, props);
        const far = { endpoint, connection: () => endpoint.connection() };
        new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', far)] });
      }),
    ).toThrow(/^desk\/proxy: the host of the route \/ cannot be 'a; include \/etc\/passwd'/);
  });
});

describe('a back end outside of the stack', () => {
  const outside = (props: Partial<ExternalEndpointProps>, options: RouteOptions = {}) =>
    fileOf(
      containerNamed(
        synthesizeStack((stack) => {
          const far = new ExternalEndpoint(stack, 'far', { host: 'api.example', port: 80, scheme: 'http', ...props });
          new ReverseProxy(stack, 'proxy', { routes: [Route.http('/far/', far, options)] });
        }),
        'desk-proxy',
      ),
      '/etc/nginx/nginx.conf',
    );

  test.each([
    [80, 'api.example'],
    [8080, 'api.example:8080'],
  ])('on port %s is asked for as %s, the name that it knows itself by', (port, host) => {
    expect(block('location /far/', outside({ port }))).toEqual(
      expect.arrayContaining([`proxy_set_header Host ${host};`, 'proxy_set_header X-Forwarded-Host $http_host;']),
    );
  });

  test('is asked below its path', () => {
    expect(block('location /far/', outside({ path: '/v2' }))).toContain('rewrite ^ /v2$uri break;');
    expect(block('location /far/', outside({ path: 'v2' }))).toContain('rewrite ^ /v2$uri break;');
  });

  test('is asked below its path instead of that of the route', () => {
    expect(block('location /far/', outside({ path: '/v2/' }, { stripPath: true }))).toContain(
      'rewrite "(?s)^/far/(.*)$" /v2/$1 break;',
    );
  });

  test('has no path that nginx would read as something else', () => {
    expect(() => outside({ path: '/v2;' })).toThrow(
      'desk/proxy: the path of the endpoint of the route /far/ cannot be \'/v2;\': it has ";" in it.',
    );
  });

  test('with a name much like that of another one has an upstream of its own', () => {
    const text = fileOf(
      containerNamed(
        synthesizeStack((stack) => {
          const far = (id: string, host: string) => new ExternalEndpoint(stack, id, { host, port: 80, scheme: 'http' });
          new ReverseProxy(stack, 'proxy', {
            routes: [
              Route.socketIo('/a/', far('a', 'so-x.example')),
              Route.socketIo('/b/', far('b', 'so.x.example')),
              Route.socketIo('/c/', far('c', 'SO.x.example')),
            ],
          });
        }),
        'desk-proxy',
      ),
      '/etc/nginx/nginx.conf',
    );

    expect(text.match(/upstream \S+/g)).toEqual([
      'upstream replica_of_so-x.example_80',
      'upstream replica_of_so.x.example_80',
    ]);
  });
});

describe('the paths of a ReverseProxy', () => {
  test.each([
    'api/',
    '',
    '/a b/',
    '/a;/',
    '/a{/',
    '/a}/',
    '/$host/',
    '/a#/',
    '/"a"/',
    "/'a'/",
    '/a\\/',
    '/a\n/',
    '//',
    '/a//b/',
    '/../',
    '/a?b=c',
    '/%61/',
    '~/a',
    '/a/../b',
    '/..',
    '/./',
    '/*/',
    '/a(b)/',
    '/a|b/',
  ])('cannot be %j', (path) => {
    expect(creating((backend) => [Route.http(path, backend)])).toThrow(
      /^desk\/proxy: the path of a route cannot be .*: it .*\. Give a path with a slash at its start: '\/api\/'/s,
    );
  });

  test.each([
    ['/a b/', 'it has " " in it'],
    ['/$host/', 'it has "$" in it'],
    ['/a\n/', 'it has "\\n" in it'],
    ['api/', "it starts with 'a'"],
    ['', 'it is empty'],
    ['//', 'it has nothing between two slashes'],
    ['/a/../b', "it has '..' between its slashes"],
  ])('say what is wrong in %j', (path, reason) => {
    expect(creating((backend) => [Route.http(path, backend)])).toThrow(reason);
  });

  test.each(['/_next/', '/.well-known/', '/@vite/client', '/~desk/', '/..a/', '/-/healthy'])('can be %s', (path) => {
    const location = path.endsWith('/') ? path : `= ${path}`;

    expect(configuration((backend) => [Route.http(path, backend)])).toContain(`location ${location} {`);
  });

  test('are each of one route', () => {
    expect(creating((backend) => [Route.http('/api/', backend), Route.webSocket('/api/', backend)])).toThrow(
      "desk/proxy: the path '/api/' is already taken by another route. Give the route another path.",
    );
  });

  test('leave the one of the health check alone', () => {
    expect(creating((backend) => [Route.http('/healthz', backend)])).toThrow(
      "desk/proxy: the path '/healthz' is already taken by the health check",
    );
  });

  test.each([undefined, null, '/api/', {}, [{ path: '/api/' }], [undefined]])('are no list of routes: %j', (given) => {
    expect(creating(() => given as never)).toThrow(/^desk\/proxy: routes.* cannot be .*Write routes: \[Route\.http/);
  });

  test.each([
    [undefined, 'the route /: what it leads to is undefined. Create what it uses before it'],
    ['api', "the route /: what it leads to cannot be 'api'. Give a service"],
    [
      { connection: () => ({}) },
      'the route /: what it leads to cannot be [Object]. Give a service of the stack, or an ExternalEndpoint',
    ],
  ])('lead somewhere, and not to %j', (target, message) => {
    expect(() => Route.http('/', target as never)).toThrow(message);
  });

  test.each([
    [
      { readTimeout: 60 },
      'the readTimeout of the route / cannot be 60. Give a Duration, for example Duration.seconds(60)',
    ],
    [{ stripPath: 'false' }, "the route /: stripPath cannot be 'false'"],
    [{ optional: 1 }, 'the route /: optional cannot be 1'],
  ])('with %j are told how it is written', (options, message) => {
    expect(creating((backend) => [Route.http('/', backend, options as never)])).toThrow(message);
  });

  test('are at least one', () => {
    expect(creating(() => [])).toThrow('desk/proxy: it has no route. Give it one: Route.http(...).');
  });
});

describe('a ReverseProxy in front of another one', () => {
  const warnings = (routes: (inner: ReverseProxy) => readonly Route[]) => {
    const inner = withRoutes((backend) => [Route.http('/api/', backend), Route.webSocket('/ws', backend)]);
    return warningsOf(createStack((stack) => new ReverseProxy(stack, 'edge', { routes: routes(inner(stack)) })));
  };

  test('is warned of WebSockets of that one which it does not let through', () => {
    expect(warnings((inner) => [Route.http('/', inner)])).toEqual([
      'desk/edge: the route / leads to desk/proxy, which has WebSockets at /ws, and Route.http lets none through: write ' +
        "Route.webSocket('/', …)",
    ]);
  });

  test('is not where it lets them through, or does not lead there', () => {
    expect(warnings((inner) => [Route.webSocket('/', inner)])).toEqual([]);
    expect(warnings((inner) => [Route.http('/', inner), Route.webSocket('/ws', inner)])).toEqual([]);
    expect(warnings((inner) => [Route.http('/api/', inner)])).toEqual([]);
  });
});

describe('the options of a ReverseProxy', () => {
  const routes = (backend: AppService): Route[] => [Route.http('/', backend)];

  test('tell back ends of HTTPS that ends before it', () => {
    const routes = (backend: AppService) => [Route.socketIo('/', backend)];

    expect(configuration(routes)).toContain('proxy_set_header X-Forwarded-Proto $scheme;');
    expect(configuration(routes)).not.toContain('secure');
    expect(configuration(routes, { clientsUseHttps: true })).toContain('proxy_set_header X-Forwarded-Proto https;');
    expect(configuration(routes, { clientsUseHttps: true })).toContain(' path=/ httponly secure samesite=lax;');
  });

  test.each<[object, string]>([
    [{ resources: { cpus: 2 } }, 'resources.cpus cannot be 2. Give a Cpu'],
    [{ resources: { memory: '2g' } }, "resources.memory cannot be '2g'. Give a Size"],
    [{ resources: '2g' }, "resources cannot be '2g'. Write resources: {"],
    [{ maxBodySize: '10m' }, "maxBodySize cannot be '10m'. Give a Size"],
    [{ headers: { 'X-A': undefined } }, 'headers.X-A cannot be undefined. Give a text.'],
    [{ clientsUseHttps: 'no' }, "clientsUseHttps cannot be 'no'. Give true or false"],
    [{ image: 'nginx:1.30' }, "image cannot be 'nginx:1.30'. Give Image.fromRegistry('nginx:1.30')."],
  ])('of %j are answered with how they are written', (options, message) => {
    expect(creating(routes, options)).toThrow(`desk/proxy: ${message}`);
  });

  test('limit the body of a request', () => {
    expect(configuration(routes)).toContain('client_max_body_size 1048576;');
    expect(configuration(routes, { maxBodySize: Size.kibibytes(64) })).toContain('client_max_body_size 65536;');
    expect(creating(routes, { maxBodySize: Size.bytes(0) })).toThrow(/^desk\/proxy: maxBodySize cannot be '0 B'/);
  });

  test('refuse a time in which nothing could be answered', () => {
    expect(creating((backend) => [Route.http('/', backend, { readTimeout: Duration.seconds(0) })])).toThrow(
      'desk/proxy: the readTimeout of the route / cannot be',
    );
  });

  test('add headers to those for safety, or take their place', () => {
    const text = configuration(routes, {
      headers: { 'Content-Security-Policy': "default-src 'self'; img-src *", 'x-frame-options': 'SAMEORIGIN' },
    });

    expect(text).toContain('add_header X-Content-Type-Options "nosniff" always;');
    expect(text).toContain(`add_header Content-Security-Policy "default-src 'self'; img-src *" always;`);
    expect(text).toContain('add_header x-frame-options "SAMEORIGIN" always;');
    expect(text).not.toContain('DENY');
  });

  test.each([
    [{ 'X Frame': 'a' }, /the name of a header cannot be 'X Frame'/],
    [{ 'X-A;': 'a' }, /the name of a header cannot be 'X-A;'/],
    [{ 'X-A': 'a"; include /etc/passwd; #' }, /the header X-A cannot be/],
    [{ 'X-A': '$http_authorization' }, /the header X-A cannot be/],
    [{ 'X-A': 'a\\' }, /the header X-A cannot be/],
    [{ 'X-A': 'a\r\nSet-Cookie: b' }, /the header X-A cannot be/],
  ])('refuse %j, in which nginx would read something else', (headers, message) => {
    expect(creating(routes, { headers })).toThrow(message);
  });

  test('give as many workers as there are processors for them', () => {
    expect(configuration(routes)).toContain('worker_processes 1;');
    expect(configuration(routes, { resources: { cpus: Cpu.cores(2.5) } })).toContain('worker_processes 3;');
  });

  test('warn of a command of the user’s own', () => {
    expect(warningsOf(createStack(withRoutes(routes, { command: ['sleep', '1'] })))).toEqual([
      '`command` or `entrypoint` replaces the start of nginx',
    ]);
  });
});

describe('the image of a ReverseProxy', () => {
  const creatingWith = (image: string) =>
    creating((backend) => [Route.http('/', backend)], { image: Image.fromRegistry(image) });

  test.each([
    'nginx:1.22-alpine',
    'nginx:1.29.5-alpine',
    'nginxinc/nginx-unprivileged:1.28',
    'desk.example/nginx:1.9.1',
  ])('cannot be %s, which is too old', (image) => {
    expect(creatingWith(image)).toThrow(
      `desk/proxy: the image ${image} has an nginx older than 1.29.6, which does not know all that its configuration says. ` +
        "Use, or start the Dockerfile's last stage from, nginxinc/nginx-unprivileged:1.30-alpine-slim.",
    );
  });

  test.each([
    'nginx:1.29-alpine',
    'nginx:1.29.6',
    'nginx:1.31.4-alpine',
    'nginx:2.0',
    'nginx:stable-alpine',
    'desk/edge:1.0',
  ])('can be %s', (image) => {
    expect(creatingWith(image)).not.toThrow();
  });
});

describe('the metrics of a ReverseProxy', () => {
  test('come from an exporter that asks nginx on a port of its own', () => {
    const terraform = synthesizeStack((stack) => {
      const proxy = withRoutes((backend) => [Route.http('/', backend)])(stack);
      new MonitoringStack(stack, 'monitoring', { watch: [proxy] });
    });

    expect(startOf(terraform, 'desk-proxy-exporter')).toMatchObject({
      environment: { SCRAPE_URI: 'http://proxy:8081/stub_status' },
      after: ['docker_container.desk-proxy'],
    });
  });
});

describe('others that use a ReverseProxy', () => {
  test('get its URL', () => {
    const terraform = synthesizeStack((stack) => {
      const proxy = withRoutes((backend) => [Route.http('/', backend)])(stack);
      new AppService(stack, 'checker', { image: BOT, uses: [proxy] });
    });

    expect(startOf(terraform, 'desk-checker')).toMatchObject({
      environment: { PROXY_URL: 'http://proxy:8080' },
      after: ['docker_container.desk-proxy'],
    });
  });
});
