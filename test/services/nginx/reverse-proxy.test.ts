import {
  AppService,
  BackgroundWorker,
  Cpu,
  Dependency,
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

/** The generated `nginx.conf`. */
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

describe('route', () => {
  test.each([
    ['/api/', '/api/'],
    ['/ws', '= /ws'],
    ['/', '/'],
    ['/v1.2/feature-api/', '/v1.2/feature-api/'],
  ])('the route %s becomes the location %s', (path, location) => {
    expect(
      block(
        `location ${location}`,
        configuration((backend) => [Route.http(path, backend)]),
      ),
    ).toContain('set $backend "backend:8000";');
  });

  test('an HTTP route passes no upgrade on, and times out after a minute', () => {
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
  ])('a route of the kind %s passes the upgrade on, and times out after an hour without a message', (_kind, create) => {
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

  test('readTimeout replaces the default', () => {
    const text = configuration((backend) => [Route.http('/api/', backend, { readTimeout: Duration.minutes(5) })]);

    expect(block('location /api/', text)).toContain('proxy_read_timeout 300000ms;');
  });

  test('a route keeps its path, or removes it with stripPath', () => {
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

  test('requests without a route are answered with 404', () => {
    expect(
      block(
        'location /',
        configuration((backend) => [Route.http('/api/', backend)]),
      ),
    ).toEqual(['return 404;']);
    expect(configuration((backend) => [Route.http('/', backend)]).match(/location \/ \{/g)).toHaveLength(2);
  });
});

describe('back end', () => {
  test('the address of a back end is in a variable, which nginx resolves repeatedly', () => {
    const text = configuration((backend) => [Route.http('/api/', backend)]);

    expect(block('location /api/', text)).toEqual(
      expect.arrayContaining(['set $backend "backend:8000";', 'proxy_pass http://$backend;']),
    );
    expect(text).toContain('resolver 127.0.0.11 valid=2s ipv6=off;');
    expect(text).not.toContain('upstream ');
  });

  test('a back end of Socket.IO has one upstream with a sticky cookie', () => {
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

  test('nginx starts after its back end, and gets no variables from it', () => {
    const terraform = synthesizeStack(withRoutes((backend) => [Route.http('/api/', backend)]));

    expect(startOf(terraform, 'desk-proxy')).toEqual({
      environment: {},
      secrets: [],
      after: ['docker_container.desk-backend'],
    });
  });

  test('nginx does not wait for an optional back end', () => {
    const terraform = synthesizeStack(withRoutes((backend) => [Route.http('/api/', Dependency.optional(backend))]));

    expect(startOf(terraform, 'desk-proxy').after).toEqual([]);
  });

  test('nginx waits for all replicas of a back end', () => {
    const terraform = synthesizeStack((stack) => {
      const backend = new AppService(stack, 'backend', { image: BOT, replicas: 2 });
      new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', backend)] });
    });

    expect(startOf(terraform, 'desk-proxy').after).toEqual([
      'docker_container.desk-backend-1',
      'docker_container.desk-backend-2',
    ]);
  });

  test('a back end on the host comes from the hosts file, which DNS does not know', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'gateway', { port: 9000, scheme: 'http' });
      new ReverseProxy(stack, 'proxy', { routes: [Route.http('/gateway/', gateway)] });
    });
    const container = containerNamed(terraform, 'desk-proxy');

    expect(container.host).toEqual([{ host: 'host.docker.internal', ip: 'host-gateway' }]);
    expect(fileOf(container, '/etc/nginx/nginx.conf')).toContain('proxy_pass http://host.docker.internal:9000;');
  });

  test('rejects a back end that does not speak HTTP', () => {
    expect(() =>
      createStack((stack) => {
        const cache = new RedisCache(stack, 'redis');
        new ReverseProxy(stack, 'proxy', { routes: [Route.http('/cache/', cache)] });
      }),
    ).toThrowCode('route-not-http', "Route.http('/cache/')", 'redis');
  });

  test('rejects a back end of another stack', () => {
    const app = createApp();
    const other = new AppService(createStack(), 'backend', { image: BOT });
    const stack = new TradingStack(app, 'front', { engine: ENGINES[0].createEngine() });

    expect(
      () => new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', Dependency.optional(other))] }),
    ).toThrowCode('dependency-not-reachable', 'front/proxy', 'desk/backend');
  });

  test('rejects a host that nginx would interpret as something else', () => {
    expect(() =>
      createStack((stack) => {
        const props = { scheme: 'http', host: 'a; include /etc/passwd', port: 80, envPrefix: 'FAR', startAfter: [] };
        const endpoint = new Endpoint(stack, props);
        const far = { endpoint, connection: () => endpoint.connection() };
        new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', far)] });
      }),
    ).toThrowCode('invalid-host', "the host of the back end cannot be 'a; include /etc/passwd'");
  });
});

describe('back end outside of the stack', () => {
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
  ])('requests to port %s have %s in the Host header, the name of the virtual host', (port, host) => {
    expect(block('location /far/', outside({ port }))).toEqual(
      expect.arrayContaining([`proxy_set_header Host ${host};`, 'proxy_set_header X-Forwarded-Host $http_host;']),
    );
  });

  test('the path of the endpoint is prepended', () => {
    expect(block('location /far/', outside({ path: '/v2' }))).toContain('rewrite ^ /v2$uri break;');
    expect(block('location /far/', outside({ path: 'v2' }))).toContain('rewrite ^ /v2$uri break;');
  });

  test('the path of the endpoint replaces that of the route with stripPath', () => {
    expect(block('location /far/', outside({ path: '/v2/' }, { stripPath: true }))).toContain(
      'rewrite "(?s)^/far/(.*)$" /v2/$1 break;',
    );
  });

  test('rejects a path of the endpoint that nginx would interpret as something else', () => {
    expect(() => outside({ path: '/v2;' })).toThrowCode('invalid-path', "'/v2;'", 'it contains ";"');
  });

  test('back ends with similar names have separate upstreams', () => {
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

describe('paths', () => {
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
  ])('rejects the path %j', (path) => {
    expect(creating((backend) => [Route.http(path, backend)])).toThrowCode('invalid-path', `path cannot be '${path}'`);
  });

  test.each([
    ['/a b/', 'it contains " "'],
    ['/$host/', 'it contains "$"'],
    ['/a\n/', 'it contains "\\n"'],
    ['api/', "it starts with 'a'"],
    ['', 'it is empty'],
    ['//', 'it contains an empty segment'],
    ['/a/../b', "it contains the segment '..'"],
  ])('the error says what is wrong with the path %j', (path, reason) => {
    expect(creating((backend) => [Route.http(path, backend)])).toThrowCode('invalid-path', reason);
  });

  test.each(['/_next/', '/.well-known/', '/@vite/client', '/~desk/', '/..a/', '/-/healthy'])(
    'accepts the path %s',
    (path) => {
      const location = path.endsWith('/') ? path : `= ${path}`;

      expect(configuration((backend) => [Route.http(path, backend)])).toContain(`location ${location} {`);
    },
  );

  test('rejects two routes with the same path', () => {
    expect(creating((backend) => [Route.http('/api/', backend), Route.webSocket('/api/', backend)])).toThrowCode(
      'route-taken',
      "'/api/'",
      'another route',
    );
  });

  test('rejects a route on the path of the health check', () => {
    expect(creating((backend) => [Route.http('/healthz', backend)])).toThrowCode(
      'route-taken',
      "'/healthz'",
      'the health check',
    );
  });

  test('rejects a back end without an HTTP interface', () => {
    const create = () =>
      createStack((stack) => Route.http('/', new BackgroundWorker(stack, 'bot', { image: BOT }) as never));
    expect(create).toThrowCode('route-not-http', "Route.http('/')", 'desk/bot has no HTTP interface', 'AppService');
    expect(() => Route.http('/', {} as never)).toThrowCode('route-not-http', 'the back end has no');
  });

  test('rejects a back end that is created after the route', () => {
    expect(() => Route.http('/', undefined as never)).toThrowCode('missing-option', "Route.http('/')", 'undefined');
  });

  test('rejects a proxy without routes', () => {
    expect(creating(() => [])).toThrowCode('missing-option', 'desk/proxy: ', 'Route.http(');
  });
});

describe('proxy in front of another one', () => {
  const warnings = (routes: (inner: ReverseProxy) => readonly Route[]) => {
    const inner = withRoutes((backend) => [Route.http('/api/', backend), Route.webSocket('/ws', backend)]);
    return warningsOf(createStack((stack) => new ReverseProxy(stack, 'edge', { routes: routes(inner(stack)) })));
  };

  test('warns about WebSockets of the inner proxy that an HTTP route blocks', () => {
    expect(warnings((inner) => [Route.http('/', inner)])).toEqual([
      'the route / blocks /ws of desk/proxy [websocket-blocked]',
    ]);
  });

  test('does not warn about WebSockets that pass, or that the route does not cover', () => {
    expect(warnings((inner) => [Route.webSocket('/', inner)])).toEqual([]);
    expect(warnings((inner) => [Route.http('/', inner), Route.webSocket('/ws', inner)])).toEqual([]);
    expect(warnings((inner) => [Route.http('/api/', inner)])).toEqual([]);
  });
});

describe('the metrics of a back end', () => {
  const closed = (routes: (backend: AppService) => readonly Route[], options: Options = {}): string[] =>
    [...configuration(routes, options).matchAll(/location = (\S+) \{\n\s+return 404;/g)].map(([, path = '']) => path);

  test.each<[string, (backend: AppService) => readonly Route[], string[]]>([
    ['the root', (backend) => [Route.http('/', backend)], ['/metrics', '/metrics/']],
    [
      'a prefix that is left out',
      (backend) => [Route.http('/api/', backend, { stripPath: true })],
      ['/api/metrics', '/api/metrics/'],
    ],
    ['a prefix that they are not below', (backend) => [Route.http('/api/', backend)], []],
    ['a single path', (backend) => [Route.webSocket('/ws', backend)], []],
  ])('are not reachable through %s', (_what, routes, paths) => {
    expect(closed(routes)).toEqual(paths);
  });

  test('are reachable through a route with their path', () => {
    expect(closed((backend) => [Route.http('/', backend), Route.http('/metrics', backend)])).toEqual(['/metrics/']);
  });

  test('stay closed at their own path', () => {
    const stack = (desk: TradingStack) => {
      const backend = new AppService(desk, 'backend', { image: BOT, metricsPath: '/internal/stats?format=text' });
      new ReverseProxy(desk, 'proxy', { routes: [Route.http('/', backend)] });
    };
    const text = fileOf(containerNamed(synthesizeStack(stack), 'desk-proxy'), '/etc/nginx/nginx.conf');
    expect(text).toContain('location = /internal/stats {');
  });

  test('do not close a path that another route serves', () => {
    const stack = (desk: TradingStack) => {
      const other = new AppService(desk, 'other', { image: BOT });
      const backend = new AppService(desk, 'backend', { image: BOT, metricsPath: '/api/stats' });
      new ReverseProxy(desk, 'proxy', { routes: [Route.http('/', backend), Route.http('/api/', other)] });
    };
    const text = fileOf(containerNamed(synthesizeStack(stack), 'desk-proxy'), '/etc/nginx/nginx.conf');
    expect(text).not.toContain('/api/stats');
  });

  test('cannot put directives into the configuration', () => {
    const backend = (desk: TradingStack) =>
      new AppService(desk, 'backend', { image: BOT, metricsPath: '/a; return 200' });
    expect(() => createStack((desk) => Route.http('/', backend(desk)))).toThrowCode('invalid-path', 'metricsPath');
  });
});

test('headers of 16 KiB pass in both directions, and nothing else gets larger buffers', () => {
  const text = configuration((backend) => [Route.http('/', backend)]);
  const directives = ['large_client_header_buffers 4 16k;', 'proxy_buffer_size 16k;', 'proxy_buffers 8 4k;'];
  // nginx does not start if it is smaller than proxy_buffer_size, or as large as all of proxy_buffers but one.
  for (const directive of [...directives, 'proxy_busy_buffers_size 16k;']) expect(text).toContain(directive);
});

test('the access log shows whether a 502 comes from the back end', () => {
  const text = configuration((backend) => [Route.http('/', backend)]);
  const format = /log_format [^;]*/.exec(text)?.[0] ?? '';
  expect(format.replace(/'\s*'/g, '')).toMatch(
    /"\$upstream_status" "\$upstream_connect_time" "\$upstream_header_time"'$/,
  );
});

test('query strings, in which there may be tokens, are in neither log', () => {
  const text = configuration((backend) => [Route.http('/', backend)]);
  expect(text).toContain('error_log stderr crit;');
  expect(/log_format [^;]*/.exec(text)?.[0]).toContain('"$upstream_addr" "$upstream_status"');
  expect(/log_format [^;]*/.exec(text)?.[0]).not.toMatch(/\$request\b|\$request_uri|\$args|\$http_referer/);
});

describe('options', () => {
  const routes = (backend: AppService): Route[] => [Route.http('/', backend)];

  test('clientsUseHttps sets X-Forwarded-Proto and secure cookies', () => {
    const routes = (backend: AppService) => [Route.socketIo('/', backend)];

    expect(configuration(routes)).toContain('proxy_set_header X-Forwarded-Proto $scheme;');
    expect(configuration(routes)).not.toContain('secure');
    expect(configuration(routes, { clientsUseHttps: true })).toContain('proxy_set_header X-Forwarded-Proto https;');
    expect(configuration(routes, { clientsUseHttps: true })).toContain(' path=/ httponly secure samesite=lax;');
  });

  test('maxBodySize limits the body of a request, and cannot be zero', () => {
    expect(configuration(routes)).toContain('client_max_body_size 1048576;');
    expect(configuration(routes, { maxBodySize: Size.kibibytes(64) })).toContain('client_max_body_size 65536;');
    expect(creating(routes, { maxBodySize: Size.bytes(0) })).toThrowCode('invalid-value', 'maxBodySize');
  });

  test('rejects a readTimeout of zero', () => {
    expect(creating((backend) => [Route.http('/', backend, { readTimeout: Duration.seconds(0) })])).toThrowCode(
      'invalid-value',
      "Route.http('/')",
      'readTimeout',
    );
  });

  test('headers are added to the security headers, or replace them', () => {
    const text = configuration(routes, {
      headers: { 'Content-Security-Policy': "default-src 'self'; img-src *", 'x-frame-options': 'SAMEORIGIN' },
    });

    expect(text).toContain('add_header X-Content-Type-Options "nosniff" always;');
    expect(text).toContain(`add_header Content-Security-Policy "default-src 'self'; img-src *" always;`);
    expect(text).toContain('add_header x-frame-options "SAMEORIGIN" always;');
    expect(text).not.toContain('DENY');
  });

  test.each([
    [{ 'X Frame': 'a' }, 'invalid-name', "'X Frame'"],
    [{ 'X-A;': 'a' }, 'invalid-name', "'X-A;'"],
    [{ 'X-A': 'a"; include /etc/passwd; #' }, 'invalid-value', 'the header X-A'],
    [{ 'X-A': '$http_authorization' }, 'invalid-value', 'the header X-A'],
    [{ 'X-A': 'a\\' }, 'invalid-value', 'the header X-A'],
    [{ 'X-A': ' a' }, 'invalid-value', 'the header X-A'],
    [{ 'X-A': 'a ' }, 'invalid-value', 'the header X-A'],
    [{ 'X-A': 'a\r\nSet-Cookie: b' }, 'invalid-value', 'the header X-A'],
    [{ 'X-Desk': 'a', 'x-desk': 'b' }, 'duplicate-name', 'x-desk'],
  ] as const)('rejects the headers %j, which nginx would send twice, or which would arrive changed', (...row) => {
    const [headers, code, fact] = row;
    expect(creating(routes, { headers })).toThrowCode(code, 'desk/proxy: ', fact);
  });

  test('the CPU limit decides the number of workers', () => {
    expect(configuration(routes)).toContain('worker_processes 1;');
    expect(configuration(routes, { resources: { cpus: Cpu.cores(2.5) } })).toContain('worker_processes 3;');
  });

  test('warns about a command that replaces the start of nginx', () => {
    expect(warningsOf(createStack(withRoutes(routes, { command: ['sleep', '1'] })))).toEqual([
      expect.stringContaining('the start of nginx'),
    ]);
  });
});

describe('image', () => {
  const creatingWith = (image: string) =>
    creating((backend) => [Route.http('/', backend)], { image: Image.fromRegistry(image) });

  test.each([
    'nginx:1.22-alpine',
    'nginx:1.29.5-alpine',
    'nginxinc/nginx-unprivileged:1.28',
    'desk.example/nginx:1.9.1',
  ])('rejects the image %s, whose nginx is too old', (image) => {
    expect(creatingWith(image)).toThrowCode('image-version-unsupported', image, 'older than 1.29.6');
  });

  test.each([
    'nginx:1.29-alpine',
    'nginx:1.29.6',
    'nginx:1.31.4-alpine',
    'nginx:2.0',
    `nginx:stable-alpine@sha256:${'a'.repeat(64)}`,
    'desk/edge:1.0',
  ])('accepts the image %s', (image) => {
    expect(creatingWith(image)).not.toThrow();
  });
});

describe('metrics', () => {
  test('the exporter reads the status page on a port of its own', () => {
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

describe('consumers', () => {
  test('a consumer gets the URL of the proxy', () => {
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
