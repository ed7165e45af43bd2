import { mutationsOf } from './mutation';

const stack = mutationsOf('examples/platform/stack.ts');
const reference = mutationsOf('examples/reference-service/Dockerfile');
const feed = mutationsOf('examples/reference-service/src/live-feed.ts');

export const PLATFORM_MUTATIONS = [
  stack('S4-1', "Route.http('/api/', gateway)", "Route.http('/rest/', gateway)"),
  stack('S4-1', "ROLE: 'api-gateway'", "ROLE: 'data-access'"),
  stack('S4-1', 'ports: published(8080),', 'ports: published(8080, 8090),'),
  stack('S4-2', 'ports: published(8080, 8081)', 'ports: published(8080, 8083)'),
  stack('S4-2', "Route.webSocket('/ws', webSockets)", "Route.http('/ws', webSockets)", 'websocket_proxy'),
  stack('S4-2', "ROLE: 'websocket'", "ROLE: 'api-gateway'"),
  feed('S4-2', "this.webSockets.send({ topic: 'fills', message: fill });", ''),
  stack('S4-3', "ROLE: 'market-data,strategy-runner'", "ROLE: 'market-data'"),
  stack('S4-4', "ROLE: 'risk-manager,order-executor'", "ROLE: 'order-executor'"),
  stack('S4-4', "TRADING_ENVIRONMENT: 'paper',\n", ''),
  stack('S4-5', 'ports: published(8082)', 'ports: published(8082, 8083)'),
  stack('S4-5', "Route.http('/reports/', analytics)", "Route.http('/report/', analytics)"),
  stack('S4-5', "ROLE: 'analytics'", "ROLE: 'data-access'"),
  stack('S4-12', 'queue.endpoint.parts()', 'queue.endpoint.url()'),
  stack('S4-12', "new RedisCache(stack, 'redis'", "new RedisCache(stack, 'queue'"),
  stack('S4-13', 'secrets: { JWT_SECRET_KEY: tokenKey },', '', "ROLE: 'websocket'"),
  stack('S4-13', 'secrets: { JWT_SECRET_KEY: tokenKey },', '', "ROLE: 'api-gateway'"),
  stack(
    'S4-13',
    "environment: { ROLE: 'analytics' },",
    "environment: { ROLE: 'analytics' },\n    secrets: { JWT_SECRET_KEY: tokenKey },",
  ),
  stack('S4-24', 'apiGateways = 3', 'apiGateways = 2'),
  stack('S4-24', 'webSocketServices = 2', 'webSocketServices = 1'),
  stack('S4-24', 'replicas: webSocketServices', 'replicas: 2'),
  stack(
    'S4-29',
    'secrets: { JWT_SECRET_KEY: tokenKey },',
    "environment: { JWT_SECRET_KEY: 'secret' },",
    "ROLE: 'websocket'",
  ),
  reference('S4-32', 'COPY --from=build /app/dist ./dist', 'COPY --from=build /app ./'),
  reference('S4-32', 'FROM node:24-slim\nLABEL', 'FROM node:24\nLABEL'),
  stack('S4-30', 'ports: published(8082)', 'ports: [PublishedPort.on("0.0.0.0", 8082, { optional: true })]'),
  stack('S4-30', 'ports: published(8080),', 'ports: [PublishedPort.allInterfaces(8080, { optional: true })],'),
];
