import type { Size } from '../workload/size';

/** A setting as `postgres -c name=value` takes it. */
export type PostgresSettings = Readonly<Record<string, string | number | boolean>>;

/**
 * Settings that follow from the memory of the container and from how many may connect.
 * Shares as the PostgreSQL documentation advises: https://www.postgresql.org/docs/current/runtime-config-resource.html
 * (a quarter for shared buffers) and runtime-config-query.html (what the planner may expect to be cached).
 */
export function settingsFor(memory: Size, maxConnections: number): PostgresSettings {
  const sharedBuffers = memory.fraction(0.25);
  const forSorting = (memory.toBytes() - sharedBuffers.toBytes()) / 4;
  return {
    max_connections: maxConnections,
    shared_buffers: megabytes(sharedBuffers),
    effective_cache_size: megabytes(memory.fraction(0.7)),
    maintenance_work_mem: `${Math.min(1024, Math.max(16, Math.floor(memory.toWholeMebibytes() / 16)))}MB`,
    // Every connection may sort at once, and a quarter of what is left is all that they may take together.
    work_mem: `${Math.max(64, Math.floor(forSorting / maxConnections / 1024))}kB`,
  };
}

function megabytes(size: Size): string {
  return `${size.toWholeMebibytes()}MB`;
}
