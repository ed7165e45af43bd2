import { parse } from 'yaml';
import { createBinanceStack } from '../../examples/binance/stack';
import { PublishedPort, HealthCheck, Image, MarketDataService, TradingStack, Engine } from '../../lib';
import { createApp } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { documented, met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';

/** As the document describes it: stages for Rust, a target for each service. */
const RUST_DOCKERFILE = `
FROM rust:1.91-slim-bookworm AS builder
ARG CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_STRIP RUSTFLAGS
COPY . .
RUN cargo build --release --bins
FROM debian:bookworm-slim AS runtime
RUN apt-get update && apt-get install -y libssl3 libzmq5
FROM runtime AS market_data_service
COPY --from=builder target/release/market_data_service /usr/local/bin/
FROM runtime AS order_execution_service
`;

/** Names of the images by service. */
const IMAGES = {
  market_data_service: 'market_data',
  order_execution_service: 'order_execution',
  risk_management_service: 'risk_management',
  strategy_engine: 'strategy_engine',
  api_gateway: 'api_gateway',
};

/** The parts of a workflow of GitHub Actions that are checked. */
interface Workflow {
  readonly on: object;
  readonly jobs: {
    readonly image: {
      readonly steps: readonly { readonly uses: string; readonly with?: Readonly<Record<string, unknown>> }[];
    };
  };
}

const system = new SynthesizedSystem(createBinanceStack(createApp()));
const project = TemporaryProject.forEveryTest();

/** The market data service of a project with the sources of the document, as in the README of the example. */
function withSources(): SynthesizedSystem {
  project.write('docker/Dockerfile', RUST_DOCKERFILE);
  project.write('src/main.rs', 'fn main() {}');
  project.write('.dockerignore', '.secrets\ncdktf.out\n**/*.tfstate*\n');
  const stack = new TradingStack(createApp(), 'trading', { engine: Engine.docker() });
  new MarketDataService(stack, 'market_data_service', {
    image: Image.fromBuild('.', {
      name: 'trading/market_data',
      dockerfile: 'docker/Dockerfile',
      target: 'market_data_service',
      buildArgs: {
        CARGO_PROFILE_RELEASE_LTO: 'fat',
        CARGO_PROFILE_RELEASE_STRIP: 'symbols',
        RUSTFLAGS: '-C embed-bitcode=yes',
      },
    }),
    sockets: [{ name: 'ticks', port: 5555, portVariable: 'ZMQ_MARKET_PORT' }],
    ports: [PublishedPort.loopback(5555, { hostPort: 15555 })],
    healthCheck: HealthCheck.tcp(5555),
  });
  return new SynthesizedSystem(stack);
}

/** The market data service with a published image. */
function fromRegistry(name: string): SynthesizedSystem {
  const stack = new TradingStack(createApp(), 'trading', { engine: Engine.docker() });
  new MarketDataService(stack, 'market_data_service', { image: Image.fromRegistry(name) });
  return new SynthesizedSystem(stack);
}

const [BUILD = [], RUNTIME = []] = system.stages('market_data_service');

describe('builds', () => {
  const cargo = "buildArgs sets Cargo's own variables for all three in the builder stage of a Rust Dockerfile";
  replaced('S1-11', cargo, 'the document does not contain the sources, so no Rust program is built here', () => {
    const [builder] = withSources().stages('market_data_service');
    expect(builder).toEqual([
      'FROM rust:1.91-slim-bookworm AS builder',
      'ARG CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_STRIP RUSTFLAGS',
      'COPY . .',
      'RUN cargo build --release --bins',
    ]);
    expect(withSources().image('market_data_service').build).toMatchObject({
      build_args: {
        CARGO_PROFILE_RELEASE_LTO: 'fat',
        CARGO_PROFILE_RELEASE_STRIP: 'symbols',
        RUSTFLAGS: '-C embed-bitcode=yes',
      },
    });
  });

  replaced(
    'S1-12',
    "the runtime stage is Node's slim Debian image and installs no Debian package: ZeroMQ comes prebuilt",
    'the document does not contain the Rust sources, and Node alone is larger than 50 MB (B-22)',
    () => {
      expect(RUNTIME[0]).toBe('FROM node:24-slim');
      expect([...BUILD, ...RUNTIME].join('\n')).not.toMatch(/apt-get|apk add/);
      expect(JSON.parse(textOf('examples/reference-service/package.json'))).toMatchObject({
        dependencies: { zeromq: expect.any(String) as unknown },
      });
    },
  );

  replaced(
    'S1-13',
    'Image.fromBuild takes docker/Dockerfile, the target and the name; the tag is a hash of the sources',
    '`latest` is a different image tomorrow (B-12) and is refused',
    () => {
      const { name, build } = withSources().image('market_data_service');
      expect(name).toMatch(/^trading\/market_data:[0-9a-f]{16}$/);
      expect(build).toMatchObject({ dockerfile: 'docker/Dockerfile', target: 'market_data_service' });
      expect(() => fromRegistry('trading/market_data:latest')).toThrowCode('image-not-pinned');
      for (const [service, image] of Object.entries(IMAGES)) {
        expect(system.image(service).name).toMatch(new RegExp(`^trading/${image}:[0-9a-f]{16}$`));
      }
    },
  );

  met('S1-14', 'one stage builds; a slim one runs, and copies only the program, without source maps, from it', () => {
    expect([BUILD[0], RUNTIME[0]]).toEqual(['FROM node:24-slim AS build', 'FROM node:24-slim']);
    expect(RUNTIME.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY package.json package-lock.json ./',
      'COPY --from=build /app/dist ./dist',
    ]);
    for (const configuration of ['tsconfig.json', 'tsconfig.build.json']) {
      expect(textOf(`examples/reference-service/${configuration}`)).not.toMatch(/sourceMap/i);
    }
  });

  replaced(
    'S1-34',
    'a deploy builds what changed, and `deploy --no-cache` builds every image without the cache',
    'Terraform replaces Compose',
    () => {
      const built = Object.values(system.terraform.resource.docker_image ?? {}).flatMap(({ build }) => build ?? []);
      expect(built).toHaveLength(5);
      for (const build of built) expect(build).toMatchObject({ no_cache: '${var.cdktf_trading_stack_no_cache}' });
      expect(textOf('examples/binance/README.md')).toContain('`npm run deploy -- binance --no-cache`');
    },
  );

  met('S1-43', "the engine's own BuildKit builds, dependencies before sources, and no image waits for another", () => {
    const steps = ['COPY package.json package-lock.json', 'RUN npm ci', 'COPY src', 'RUN npm run build'];
    const places = steps.map((step) => BUILD.findIndex((line) => line.startsWith(step)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    const images = Object.values(system.terraform.resource.docker_image ?? {});
    expect(images.filter(({ build }) => build !== undefined)).toHaveLength(5);
    for (const image of images) {
      expect(image).not.toHaveProperty('depends_on');
      // With a named builder, the provider would build in its own process, and without the labels.
      expect(image).not.toHaveProperty('build.builder');
    }
  });

  replaced('S1-47', 'a deploy builds the image of each service', 'Terraform replaces Compose', () => {
    for (const service of Object.keys(IMAGES)) expect(system.image(service).build).toBeDefined();
  });

  documented('S1-41', 'examples/binance/publish.yml is such a workflow; nothing here runs it', () => {
    expect(textOf('examples/binance/README.md')).toContain('[publish.yml](publish.yml)');
    const { on, jobs } = parse(textOf('examples/binance/publish.yml')) as Workflow;
    const steps = new Map(jobs.image.steps.map(({ uses, with: inputs }) => [uses.split('@')[0], inputs]));

    expect(on).toEqual({ push: { branches: ['main'] } });
    expect(steps.get('docker/login-action')?.registry).toBe('ghcr.io');
    expect(steps.get('docker/metadata-action')?.tags).toBe('type=ref,event=branch\ntype=sha,format=long\n');
    expect(steps.get('docker/build-push-action')).toMatchObject({ push: true, 'cache-to': 'type=gha,mode=max' });
  });

  documented(
    'S1-42',
    'the workflow publishes main too; a stack names the tag of a commit, as main moves (B-12)',
    () => {
      expect(() => fromRegistry('ghcr.io/your-username/trading-system:main')).toThrowCode('image-not-pinned');
      expect(fromRegistry('ghcr.io/your-username/trading-system:sha-4f1c0e9').names).toHaveLength(1);
    },
  );
});

describe('published images', () => {
  met('S1-19', 'hostPort publishes a port of the container on another host port', () => {
    expect(withSources().published()).toEqual(['127.0.0.1:15555 -> trading-market-data-service:5555']);
  });
});

describe('image security', () => {
  replaced(
    'S1-36',
    'every image has a version or a hash of its sources, and can be pinned by digest',
    'Docker has retired Content Trust (B-24); a digest identifies exactly one content',
    () => {
      expect(system.images).toEqual([
        expect.stringMatching(/^grafana\/grafana:\d+\.\d+\.\d+$/),
        expect.stringMatching(/^postgres:\d+-alpine$/),
        expect.stringMatching(/^prom\/prometheus:v\d+\.\d+\.\d+$/),
        expect.stringMatching(/^quay\.io\/prometheuscommunity\/postgres-exporter:v\d+\.\d+\.\d+$/),
        ...Object.values(IMAGES)
          .sort()
          .map((name) => expect.stringMatching(new RegExp(`^trading/${name}:[0-9a-f]{16}$`)) as unknown),
      ]);
      const digest = `sha256:${'a'.repeat(64)}`;
      expect(fromRegistry(`trading/market_data@${digest}`).images).toEqual([`trading/market_data@${digest}`]);
    },
  );

  replaced(
    'S1-37',
    'the README names `docker scout cves`, for the one name that each image has on the engine',
    '`docker scan` was removed from Docker (B-24)',
    () => {
      expect(textOf('examples/binance/README.md')).toContain('`docker scout cves` scans one');
      for (const name of system.images) expect(name).toMatch(/:(?!latest$)[^:/]+$/);
    },
  );
});
