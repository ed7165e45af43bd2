import { AppService, Image, Route, type TradingStack, WebFrontend, type WebFrontendProps } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { BOT, createdBy, fileOf } from '../fixtures';

const PAGE = Image.fromRegistry('ghcr.io/desk/frontend:1.4.0');

function frontend(props: Partial<WebFrontendProps> = {}) {
  return (stack: TradingStack): WebFrontend => new WebFrontend(stack, 'frontend', { image: PAGE, ...props });
}

function configuration(props: Partial<WebFrontendProps> = {}): string {
  return fileOf(containerNamed(synthesizeStack(frontend(props)), 'desk-frontend'), '/etc/nginx/nginx.conf');
}

describe.each(ENGINES)('WebFrontend on $engineName', ({ createEngine }) => {
  test('creates one nginx that has the page in its image', () => {
    expect(createdBy(synthesizeStack(frontend(), { engine: createEngine() }))).toMatchSnapshot();
  });
});

describe('page', () => {
  test('a path without a file is answered with index.html, which browsers revalidate', () => {
    expect(configuration()).toContain(`        location / {
            root /usr/share/nginx/html;
            try_files $uri /index.html;
            add_header Cache-Control "no-cache";
        }
`);
  });

  test('assets are cached for a year, and missing ones are answered with 404', () => {
    expect(configuration({ assetsPath: '/static/js/' })).toContain(`        location /static/js/ {
            root /usr/share/nginx/html;
            try_files $uri =404;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }
`);
  });

  test('locations inherit the security headers', () => {
    expect(configuration()).toContain('add_header_inherit merge;');
  });

  test('rejects a frontend without an image', () => {
    expect(() => createStack(frontend({ image: undefined as never }))).toThrowCode(
      'missing-option',
      'desk/frontend: ',
      "'image'",
    );
  });

  test('assetsPath can be that of Next.js', () => {
    expect(configuration({ assetsPath: '/_next/static/' })).toContain('location /_next/static/ {');
  });

  test('the health check requests the page, so an image without one is unhealthy', () => {
    expect(configuration()).toContain(`        location = /healthz {
            access_log off;
            root /usr/share/nginx/html;
            try_files /index.html =404;
        }
`);
  });

  test.each(['assets', '/assets', '/', '/a b/', '/$uri/'])('rejects the assetsPath %j', (assetsPath) => {
    expect(() => createStack(frontend({ assetsPath }))).toThrowCode('invalid-path', 'desk/frontend: assetsPath');
  });
});

describe('routes', () => {
  const routeTo = (path: string) => (stack: TradingStack) =>
    frontend({ routes: [Route.http(path, new AppService(stack, 'backend', { image: BOT }))] })(stack);

  test('routes lead to back ends, all other paths to the page', () => {
    const text = fileOf(containerNamed(synthesizeStack(routeTo('/api/')), 'desk-frontend'), '/etc/nginx/nginx.conf');

    expect(text).toContain('location /api/ {');
    expect(text).toContain('try_files $uri /index.html;');
  });

  test.each([
    ['/', 'the page itself'],
    ['/assets/', 'the assets of the page'],
    ['/healthz', 'the health check'],
  ])('rejects the route %s, which is the path of %s', (path, owner) => {
    expect(() => createStack(routeTo(path))).toThrowCode('route-taken', `'${path}'`, owner);
  });
});

describe('build', () => {
  const project = TemporaryProject.forEveryTest();

  test('build arguments configure the application for the browser', () => {
    project.write('frontend/Dockerfile', 'FROM nginxinc/nginx-unprivileged:1.30-alpine-slim\nARG VITE_API_URL\n');
    const build = (url: string) =>
      Object.values(
        synthesizeStack(frontend({ image: Image.fromBuild('frontend', { buildArgs: { VITE_API_URL: url } }) })).resource
          .docker_image ?? {},
      )[0];

    expect(build('/api')).toMatchObject({ build: { build_args: { VITE_API_URL: '/api' } } });
    expect(build('/api')?.name).not.toBe(build('/v2')?.name);
  });

  test('rejects a Dockerfile whose last stage has an nginx that is too old', () => {
    project.write('frontend/Dockerfile', 'FROM node:24-slim AS build\nFROM nginx:1.27-alpine\nCOPY --from=build a b\n');

    expect(() => createStack(frontend({ image: Image.fromBuild('frontend') }))).toThrowCode(
      'image-version-unsupported',
      'nginx:1.27-alpine',
      '1.29.6',
    );
  });
});
