import type { Route } from './route';

/**
 * The paths at which clients would reach the metrics of back ends, which are for Prometheus: a prefix that leads to a
 * program also leads to them.
 * @param healthPath path that the proxy answers itself
 */
export function hiddenMetrics(routes: readonly Route[], healthPath: string): string[] {
  const hidden = routes.flatMap((route) => {
    const { metricsPath: path } = route;
    if (path === undefined) return [];
    // A program may serve them with a slash at the end, too.
    const paths = path.endsWith('/') ? [path] : [path, `${path}/`];
    return paths.filter((one) => one !== healthPath && routeFor(one, routes) === route);
  });
  return [...new Set(hidden)];
}

/** The route that nginx takes for a path. */
function routeFor(path: string, routes: readonly Route[]): Route | undefined {
  const matching = routes.filter((route) =>
    route.path.endsWith('/') ? path.startsWith(route.path) : path === route.path,
  );
  return matching.sort((one, other) => other.path.length - one.path.length)[0];
}
