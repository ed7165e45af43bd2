import { Duration, HealthCheck, Image, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const DISTROLESS = `gcr.io/distroless/static-debian12:nonroot@sha256:${'a'.repeat(64)}`;

describe('the test of a health check', () => {
  test.each([
    ['a program', HealthCheck.command(['pg_isready', '-U', 'desk']), ['CMD', 'pg_isready', '-U', 'desk']],
    ['a line', HealthCheck.shell('redis-cli ping | grep -q PONG'), ['CMD-SHELL', 'redis-cli ping | grep -q PONG']],
    ['none', HealthCheck.none(), ['NONE']],
    [
      'HTTP with one program',
      HealthCheck.http(8000, { path: '/ready?deep=1&fast=1', via: 'curl' }),
      [
        'CMD-SHELL',
        'curl --noproxy \'*\' -fsS -o /dev/null -H "Host: 127.0.0.1:8000" "http://127.0.0.1:8000/ready?deep=1&fast=1"',
      ],
    ],
    ['TCP with one program', HealthCheck.tcp(5432, { via: 'nc' }), ['CMD-SHELL', 'nc -z 127.0.0.1 5432']],
  ])('without a network, the test of a health check is %s', (_what, check, expected) => {
    expect(check.toSpec().test).toEqual(expected);
  });

  test('an HTTP check requests /health by default', () => {
    expect(HealthCheck.http(8000).toSpec('bot').test.join()).toContain('http://$1:8000/health');
  });
});

describe('the times of a health check', () => {
  test('every timing of a health check is set, because a missing one would be that of the image', () => {
    expect(HealthCheck.tcp(8000).toSpec()).toMatchObject({
      intervalMilliseconds: 5_000,
      timeoutMilliseconds: 5_000,
      retries: 5,
      startPeriodMilliseconds: 30_000,
      startIntervalMilliseconds: null,
    });
  });

  test('every timing of a health check can be chosen', () => {
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

  test.each(['interval', 'timeout', 'startPeriod', 'startInterval'])('%s of zero is refused', (timing) => {
    expect(() => HealthCheck.tcp(8000, { [timing]: Duration.seconds(0) })).toThrowCode(
      'invalid-value',
      `HealthCheck.tcp: ${timing}`,
    );
  });
});

describe('invalid health checks', () => {
  test.each([0, -1, 65_536, 80.5, NaN])('the port %d is refused', (port) => {
    expect(() => HealthCheck.http(port)).toThrowCode('invalid-value', 'HealthCheck.http: the port', '65535');
    expect(() => HealthCheck.tcp(port)).toThrowCode('invalid-value', 'HealthCheck.tcp: the port', '65535');
  });

  test.each(['health', '/a b', "/it's", '/$(reboot)', '/`id`', '/a"b', ''])('the path %j is refused', (path) => {
    expect(() => HealthCheck.http(8000, { path })).toThrowCode('invalid-path', 'HealthCheck.http: path');
  });

  test.each(['desk.example:8000', 'http://desk', 'a b', '$(reboot)', '::1', ''])('the host %j is refused', (host) => {
    expect(() => HealthCheck.http(8000, { host })).toThrowCode('invalid-value', 'HealthCheck.http: host');
  });

  test.each([0, -1, 1.5])('%d retries of a health check are refused', (retries) => {
    expect(() => HealthCheck.tcp(8000, { retries })).toThrowCode('invalid-value', 'HealthCheck.tcp: retries');
  });

  test.each(['wgett', 'toString'])('the program %s is refused, which no probe is written for', (via) => {
    expect(() => HealthCheck.http(8000, { via: via as 'wget' })).toThrowCode('invalid-value', 'HealthCheck.http: via');
  });

  test.each([[[]], [['']], ['pg_isready -q']])('the command %j is refused', (command) => {
    expect(() => HealthCheck.command(command as string[])).toThrowCode('invalid-value', 'HealthCheck.command: ');
  });

  test.each(['CMD', 'CMD-SHELL', 'NONE'])('the keyword %s of Compose is refused as a program', (keyword) => {
    expect(() => HealthCheck.command([keyword, 'pg_isready'])).toThrowCode(
      'invalid-value',
      `'${keyword}'`,
      'HealthCheck.shell',
    );
  });

  test('an empty command line is refused', () => {
    expect(() => HealthCheck.shell('')).toThrowCode('invalid-value', 'HealthCheck.shell: ');
  });

  test.each(['/tmp/a b', '/tmp/$(reboot)', 'tmp/beat', "/tmp/it's"])('the heartbeat file %j is refused', (path) => {
    expect(() => HealthCheck.heartbeatFile(path)).toThrowCode('invalid-path', 'HealthCheck.heartbeatFile: the path');
  });

  test('a heartbeat that is always too old is refused', () => {
    expect(() => HealthCheck.heartbeatFile('/tmp/beat', { maximumAge: Duration.seconds(0) })).toThrowCode(
      'invalid-value',
      'HealthCheck.heartbeatFile: maximumAge',
    );
  });

  test.each([
    ['http', () => HealthCheck.http(80, { url: '/' } as never)],
    ['tcp', () => HealthCheck.tcp(80, { path: '/' } as never)],
    ['command', () => HealthCheck.command(['true'], { program: 'x' } as never)],
    ['shell', () => HealthCheck.shell('true', { via: 'sh' } as never)],
    ['heartbeatFile', () => HealthCheck.heartbeatFile('/tmp/beat', { maxAge: 5 } as never)],
  ])('an option that HealthCheck.%s does not have is refused', (factory, create) => {
    expect(create).toThrowCode('unknown-option', `HealthCheck.${factory}: `);
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
    [DISTROLESS, HealthCheck.shell('true'), 'sh'],
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
  ])('a check is refused on the image %s, which lacks its program', (image, healthCheck, program) => {
    expect(create(Image.fromRegistry(image), healthCheck)).toThrowCode(
      'probe-program-missing',
      `desk/bot: the health check runs ${program}`,
      image,
    );
  });

  test.each([
    ['python:3.13-slim', HealthCheck.http(8000)],
    ['node:22-slim', HealthCheck.http(8000)],
    ['python:3.13', CURL],
    ['alpine:3.22', HealthCheck.http(8000, { via: 'wget' })],
    ['postgres:17-alpine', HealthCheck.command(['pg_isready'])],
    ['ghcr.io/desk/bot:2.4', CURL],
    ['ghcr.io/desk/python:3.13-slim', CURL],
    [DISTROLESS.replace('static', 'nodejs22'), HealthCheck.command(['node', 'probe.js'])],
    [DISTROLESS, HealthCheck.command(['/bot', '--check'])],
    [DISTROLESS.replace('static', 'python3'), HealthCheck.command(['python3', 'probe.py'])],
    ['python:3.13-slim', HealthCheck.shell('curl -f localhost', { requires: [] })],
    ['python:3.13-slim', HealthCheck.shell('curl -f localhost || python3 probe.py')],
    ['python:3.13-slim', HealthCheck.shell('/opt/probe --with curl')],
    ['python:3.13-slim', HealthCheck.shell("grep -q 'ready; curl' /tmp/state")],
    ['python:3.13-slim', HealthCheck.shell('grep -q "ready; curl" /tmp/state')],
    ['redis:7.4-alpine', HealthCheck.shell('redis-cli ping | grep -q PONG')],
  ])('a check is accepted on the image %s, which may have its program', (image, healthCheck) => {
    expect(create(Image.fromRegistry(image), healthCheck)).not.toThrow();
  });

  test('a check is refused on a build whose base image lacks its program', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\nCOPY . /app\n');
    expect(create(Image.fromBuild('bot'), CURL)).toThrowCode('probe-program-missing', 'runs curl', 'python:3.13-slim');
  });

  test('a check is accepted on a build that installs its program', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\nRUN apt-get update && apt-get install -y curl\n');
    expect(create(Image.fromBuild('bot'), CURL)).not.toThrow();
  });

  test.each([
    ['nodejs', HealthCheck.http(8000)],
    ['python3-minimal', HealthCheck.http(8000, { via: 'python3' })],
    ['netcat-openbsd', HealthCheck.tcp(8000, { via: 'nc' })],
    ['postgresql-client', HealthCheck.shell('pg_isready -h db')],
    ['redis-tools', HealthCheck.shell('redis-cli ping')],
  ])('a check is accepted on a build that installs its program with the package %s', (name, healthCheck) => {
    project.write('bot/Dockerfile', `FROM debian:bookworm-slim\nRUN apt-get install -y ${name}\n`);
    expect(create(Image.fromBuild('bot'), healthCheck)).not.toThrow();
  });

  test('a program may have a name that is special in a regular expression', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(create(Image.fromBuild('bot'), HealthCheck.command(['[', '-f', '/tmp/ready', ']']))).not.toThrow();
  });
});
