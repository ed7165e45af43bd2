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

describe('the page of a WebFrontend', () => {
  test('answers every path that is no file, and is asked for each time', () => {
    expect(configuration()).toContain(`        location / {
            root /usr/share/nginx/html;
            try_files $uri /index.html;
            add_header Cache-Control "no-cache";
        }
`);
  });

  test('has assets that browsers keep for good, and that are found or not', () => {
    expect(configuration({ assetsPath: '/static/js/' })).toContain(`        location /static/js/ {
            root /usr/share/nginx/html;
            try_files $uri =404;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }
`);
  });

  test('keeps its headers beside those for safety', () => {
    expect(configuration()).toContain('add_header_inherit merge;');
  });

  test('is in an image that has to be named', () => {
    expect(() => createStack(frontend({ image: undefined as never }))).toThrow(
      'desk/frontend: image cannot be undefined. Give an Image',
    );
  });

  test('can have its assets where Next.js has them', () => {
    expect(configuration({ assetsPath: '/_next/static/' })).toContain('location /_next/static/ {');
  });

  test('is what the health check asks for: an image without one is not healthy', () => {
    expect(configuration()).toContain(`        location = /healthz {
            access_log off;
            root /usr/share/nginx/html;
            try_files /index.html =404;
        }
`);
  });

  test.each(['assets', '/assets', '/', '/a b/', '/$uri/'])('has no assets at %j', (assetsPath) => {
    expect(() => createStack(frontend({ assetsPath }))).toThrow(/^desk\/frontend: assetsPath cannot be /);
  });
});

describe('the routes of a WebFrontend', () => {
  const routeTo = (path: string) => (stack: TradingStack) =>
    frontend({ routes: [Route.http(path, new AppService(stack, 'backend', { image: BOT }))] })(stack);

  test('lead to back ends beside the page', () => {
    const text = fileOf(containerNamed(synthesizeStack(routeTo('/api/')), 'desk-frontend'), '/etc/nginx/nginx.conf');

    expect(text).toContain('location /api/ {');
    expect(text).toContain('try_files $uri /index.html;');
  });

  test.each([
    ['/', 'the page itself'],
    ['/assets/', 'the assets of the page'],
    ['/healthz', 'the health check'],
  ])('cannot take %s from %s', (path, owner) => {
    expect(() => createStack(routeTo(path))).toThrow(
      `desk/frontend: the path '${path}' is already taken by ${owner}. Give the route another path.`,
    );
  });
});

describe('the build of a WebFrontend', () => {
  const project = TemporaryProject.forEveryTest();

  test('takes what the browser has to know as arguments', () => {
    project.write('frontend/Dockerfile', 'FROM nginxinc/nginx-unprivileged:1.30-alpine-slim\nARG VITE_API_URL\n');
    const build = (url: string) =>
      Object.values(
        synthesizeStack(frontend({ image: Image.fromBuild('frontend', { buildArgs: { VITE_API_URL: url } }) })).resource
          .docker_image ?? {},
      )[0];

    expect(build('/api')).toMatchObject({ build: { build_args: { VITE_API_URL: '/api' } } });
    expect(build('/api')?.name).not.toBe(build('/v2')?.name);
  });

  test('cannot start from an nginx that is too old', () => {
    project.write('frontend/Dockerfile', 'FROM node:24-slim AS build\nFROM nginx:1.27-alpine\nCOPY --from=build a b\n');

    expect(() => createStack(frontend({ image: Image.fromBuild('frontend') }))).toThrow(
      'desk/frontend: the image nginx:1.27-alpine has an nginx older than 1.29.6',
    );
  });
});
