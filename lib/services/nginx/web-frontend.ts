import type { Construct } from 'constructs';
import { checkImage, type Image } from '../../workload/images/image';
import { type NginxOptions, ReverseProxy } from './reverse-proxy';
import type { Route } from './route';

/** Properties of a {@link WebFrontend}. */
export interface WebFrontendProps extends NginxOptions {
  /**
   * An nginx of 1.29.6 or later with the application in `/usr/share/nginx/html`: the last stage of its Dockerfile
   * starts from `nginxinc/nginx-unprivileged:1.30-alpine-slim`.
   */
  readonly image: Image;
  /**
   * Paths that lead to back ends instead of the application.
   * @default - none
   */
  readonly routes?: readonly Route[];
  /**
   * Where the application has the files whose names change with their content. Browsers keep them for a year and never
   * ask again; everything else they ask for each time, so that a deploy shows at once.
   * @default '/assets/'
   */
  readonly assetsPath?: string;
}

/** Where the nginx images have their files. */
const FOLDER = '/usr/share/nginx/html';

/**
 * A single-page application and the way to its back ends, on one port: the browser needs no other host, and no CORS.
 * A path that is no file is answered with `index.html`, so that the application's own paths can be opened and reloaded.
 * What the application has to know in the browser is baked in when it is built; it is no place for secrets.
 *
 * @example
 * new WebFrontend(stack, 'frontend', {
 *   image: Image.fromBuild('frontend', { arguments: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' } }),
 *   routes: [Route.http('/api/', backend), Route.webSocket('/ws', backend)],
 *   ports: [PublishedPort.loopback(8080, { hostPort: 3000 })],
 * });
 */
export class WebFrontend extends ReverseProxy {
  constructor(scope: Construct, id: string, props: WebFrontendProps) {
    const { routes = [], assetsPath = '/assets/' } = props;
    checkImage(props.image, `${scope.node.path}/${id}`);
    super(scope, id, { ...props, routes }, { folder: FOLDER, assetsPath });
  }
}
