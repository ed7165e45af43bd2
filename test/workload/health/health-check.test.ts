import { Duration, HealthCheck, Image, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

describe('the test of a health check', () => {
  test.each([
    ['a program', HealthCheck.command(['pg_isready', '-U', 'desk']), ['CMD', 'pg_isready', '-U', 'desk']],
    ['a line', HealthCheck.shell('redis-cli ping | grep -q PONG'), ['CMD-SHELL', 'redis-cli ping | grep -q PONG']],
    ['none', HealthCheck.none(), ['NONE']],
    [
      'HTTP with one program',
      HealthCheck.http(8000, { path: '/ready?deep=1&fast=1', via: 'curl' }),
      ['CMD-SHELL', "curl --noproxy '*' -fsS -o /dev/null 'http://127.0.0.1:8000/ready?deep=1&fast=1'"],
    ],
    ['TCP with one program', HealthCheck.tcp(5432, { via: 'nc' }), ['CMD-SHELL', 'nc -z 127.0.0.1 5432']],
  ])('is %s', (_what, check, expected) => {
    expect(check.toSpec().test).toEqual(expected);
  });

  test('over HTTP asks for /health unless another path is given', () => {
    expect(HealthCheck.http(8000).toSpec().test.join()).toContain('http://127.0.0.1:8000/health');
  });
});

describe('the times of a health check', () => {
  test('are all set: a missing one would be the image’s', () => {
    expect(HealthCheck.tcp(8000).toSpec()).toMatchObject({
      intervalMilliseconds: 5_000,
      timeoutMilliseconds: 5_000,
      retries: 5,
      startPeriodMilliseconds: 30_000,
      startIntervalMilliseconds: null,
    });
  });

  test('are those that are asked for', () => {
    const check = HealthCheck.tcp(8000, {
      interval: Duration.seconds(1),
      timeout: Duration.seconds(2),
      retries: 9,
      startPeriod: Duration.minutes(3),
      startInterval: Duration.milliseconds(500),
    });
    expect(check.toSpec()).toMatchObject({
      intervalMilliseconds: 1_000,
      timeoutMilliseconds: 2_000,
      retries: 9,
      startPeriodMilliseconds: 180_000,
      startIntervalMilliseconds: 500,
    });
  });

  test.each(['interval', 'timeout', 'startPeriod', 'startInterval'])('are not zero: %s', (time) => {
    expect(() => HealthCheck.tcp(8000, { [time]: Duration.seconds(0) })).toThrow(
      `HealthCheck: ${time} cannot be '0 s'. Give a time above zero.`,
    );
  });
});

describe('a health check refuses', () => {
  test.each([0, -1, 65_536, 80.5, NaN])('the port %d', (port) => {
    const message = `the port cannot be ${port}. Give a whole number from 1 to 65535.`;
    expect(() => HealthCheck.http(port)).toThrow(`HealthCheck.http: ${message}`);
    expect(() => HealthCheck.tcp(port)).toThrow(`HealthCheck.tcp: ${message}`);
  });

  test.each(['health', '/a b', "/it's", '/$(reboot)', '/`id`', '/a"b', ''])('the path %j', (path) => {
    expect(() => HealthCheck.http(8000, { path })).toThrow(
      `HealthCheck.http: the path cannot be '${path}'. Give an absolute path as it stands in a URL: '/health'.`,
    );
  });

  test.each([0, -1, 1.5])('%d failures in a row', (retries) => {
    expect(() => HealthCheck.tcp(8000, { retries })).toThrow(
      `HealthCheck: retries cannot be ${retries}. Give a whole number, 1 or more.`,
    );
  });

  test('no command', () => {
    expect(() => HealthCheck.command([])).toThrow("HealthCheck.command: the command cannot be ''. Give a program.");
  });

  test.each(['/tmp/a b', '/tmp/$(reboot)', 'tmp/beat', "/tmp/it's"])('the heartbeat file %j', (path) => {
    expect(() => HealthCheck.heartbeatFile(path)).toThrow(/^HealthCheck\.heartbeatFile: .*Give/);
  });
});

describe('the programs that a health check needs', () => {
  const project = TemporaryProject.forEveryTest();

  function create(image: Image, healthCheck: HealthCheck): () => unknown {
    return () => createStack((stack) => new Workload(stack, 'bot', { image, healthCheck }));
  }

  const CURL = HealthCheck.http(8000, { via: 'curl' });

  test.each([
    ['python:3.13-slim', CURL, 'curl'],
    ['node:22-alpine', CURL, 'curl'],
    ['docker.io/library/python:3.13-slim', HealthCheck.tcp(8000, { via: 'nc' }), 'nc'],
    ['debian:bookworm-slim', HealthCheck.http(8000), 'curl or wget or python3 or node'],
    ['gcr.io/distroless/static-debian12:nonroot', HealthCheck.shell('true'), 'sh'],
    ['postgres:17', HealthCheck.command(['curl', 'http://127.0.0.1']), 'curl'],
    ['alpine:3.22', HealthCheck.shell('curl localhost', { requires: ['curl'] }), 'curl'],
    ['python:3.13-slim', HealthCheck.shell('curl -f http://127.0.0.1:8000/health'), 'curl'],
    ['python:3.13-slim', HealthCheck.shell('curl -f http://127.0.0.1:8000/health || exit 1'), 'curl'],
    ['node:22-slim', HealthCheck.shell('curl -s localhost || wget -q localhost'), 'curl or wget'],
    ['python:3.13-slim', HealthCheck.shell('test -f /tmp/up && TOKEN=x curl -f localhost'), 'curl'],
    ['python:3.13-slim', HealthCheck.shell('test "$(curl -s localhost)" = ok'), 'curl'],
    ['python:3.13-slim', HealthCheck.shell('if ! nc -z 127.0.0.1 80; then exit 1; fi'), 'nc'],
    ['debian:bookworm-slim', HealthCheck.shell('pg_isready -U desk'), 'pg_isready'],
    ['python:3.13-slim', HealthCheck.shell('redis-cli ping | grep -q PONG'), 'redis-cli'],
  ])('are known to be missing in %s', (image, healthCheck, program) => {
    expect(create(Image.fromRegistry(image), healthCheck)).toThrow(
      `desk/bot: the health check runs ${program}, which the image ${image} is known to lack. Use HealthCheck.http without \`via\``,
    );
  });

  test.each([
    ['python:3.13-slim', HealthCheck.http(8000)],
    ['node:22-slim', HealthCheck.http(8000)],
    ['python:3.13', CURL],
    ['alpine:3.22', HealthCheck.http(8000, { via: 'wget' })],
    ['postgres:17-alpine', HealthCheck.command(['pg_isready'])],
    ['ghcr.io/desk/bot:2.4', CURL],
    ['gcr.io/distroless/static-debian12:nonroot', HealthCheck.command(['/bot', '--check'])],
    ['gcr.io/distroless/python3-debian12:nonroot', HealthCheck.command(['python3', 'probe.py'])],
    ['python:3.13-slim', HealthCheck.shell('curl -f localhost', { requires: [] })],
    ['python:3.13-slim', HealthCheck.shell('curl -f localhost || python3 probe.py')],
    ['python:3.13-slim', HealthCheck.shell('/opt/probe --with curl')],
    ['python:3.13-slim', HealthCheck.shell("grep -q 'ready; curl' /tmp/state")],
    ['python:3.13-slim', HealthCheck.shell('grep -q "ready; curl" /tmp/state')],
    ['redis:7.4-alpine', HealthCheck.shell('redis-cli ping | grep -q PONG')],
  ])('may be in %s', (image, healthCheck) => {
    expect(create(Image.fromRegistry(image), healthCheck)).not.toThrow();
  });

  test('are missing in a build on an image that lacks them', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\nCOPY . /app\n');
    expect(create(Image.fromBuild('bot'), CURL)).toThrow(
      'desk/bot: the health check runs curl, which the image python:3.13-slim is known to lack',
    );
  });

  test('are in a build that installs them', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\nRUN apt-get update && apt-get install -y curl\n');
    expect(create(Image.fromBuild('bot'), CURL)).not.toThrow();
  });

  test.each([
    ['nodejs', HealthCheck.http(8000)],
    ['python3-minimal', HealthCheck.http(8000, { via: 'python3' })],
    ['netcat-openbsd', HealthCheck.tcp(8000, { via: 'nc' })],
    ['postgresql-client', HealthCheck.shell('pg_isready -h db')],
    ['redis-tools', HealthCheck.shell('redis-cli ping')],
  ])('are in a build that installs them with the package %s', (name, healthCheck) => {
    project.write('bot/Dockerfile', `FROM debian:bookworm-slim\nRUN apt-get install -y ${name}\n`);
    expect(create(Image.fromBuild('bot'), healthCheck)).not.toThrow();
  });

  test('may have a name that means something in a pattern', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(create(Image.fromBuild('bot'), HealthCheck.command(['[', '-f', '/tmp/ready', ']']))).not.toThrow();
  });
});
