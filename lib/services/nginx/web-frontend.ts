import type { Construct } from 'constructs';
import { alreadyChecked, checkOptions, listeningOn, type OptionShapes, required } from '../../options/options';
import { Image } from '../../workload/images/image';
import { NGINX_PORT } from './configuration';
import { NGINX_OPTIONS, type NginxOptions, ReverseProxy } from './reverse-proxy';
import { Route } from './route';

/** Properties of a {@link WebFrontend}. */
export interface WebFrontendProps extends NginxOptions {
  /**
   * An nginx of 1.29.6 or later with the application in `/usr/share/nginx/html`: the last stage of its Dockerfile is
   * `FROM nginxinc/nginx-unprivileged:1.30-alpine-slim`.
   */
  readonly image: Image;
  /**
   * Paths that lead to back ends instead of the application.
   * @default - none
   */
  readonly routes?: readonly Route[];
  /**
   * Path of the files whose names change with their content. Browsers cache them for a year without revalidation; they
   * revalidate everything else on each request, so that a deploy is visible immediately.
   * @default '/assets/'
   */
  readonly assetsPath?: string;
}

const OPTIONS: OptionShapes<WebFrontendProps> = {
  ...NGINX_OPTIONS,
  image: required(Image),
  routes: [Route],
  assetsPath: 'string',
};

/** Document root of the nginx images. */
const FOLDER = '/usr/share/nginx/html';

/**
 * A single-page application and the routes to its back ends on one port, so that the browser needs no other host and no
 * CORS. A path without a file is answered with `index.html`, so that the application's own paths can be opened and
 * reloaded. Configuration for the browser is built into the image, where it is public: it must not contain secrets.
 *
 * @example
 * new WebFrontend(stack, 'frontend', {
 *   image: Image.fromBuild('frontend', { buildArgs: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' } }),
 *   routes: [Route.http('/api/', backend), Route.webSocket('/ws', backend)],
 *   ports: [PublishedPort.loopback(8080, { hostPort: 3000 })],
 * });
 */
export class WebFrontend extends ReverseProxy {
  /** @throws TradingStackError for an invalid option, a route on a path of the page, and an nginx that is too old */
  constructor(scope: Construct, id: string, props: WebFrontendProps) {
    checkOptions(props, listeningOn(OPTIONS, NGINX_PORT), `${scope.node.path}/${id}`);
    const { routes = [], assetsPath = '/assets/' } = props;
    super(scope, id, { ...alreadyChecked(props), routes }, { folder: FOLDER, assetsPath });
  }
}
