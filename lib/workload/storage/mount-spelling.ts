/**
 * How a mount is written whose spelling in Compose this is: `data:/data` is a volume, `./data:/data:ro` a folder of the
 * host.
 */
export function mountSpelling(given: unknown): string | undefined {
  const parts = typeof given === 'string' ? /^(?<source>[^:]+):(?<path>\/[^:]*)(?::(?<mode>.*))?$/.exec(given) : null;
  if (parts?.groups === undefined) return undefined;
  const { source = '', path = '', mode = '' } = parts.groups;
  const isReadOnly = mode.split(',').includes('ro');
  if (/^[./~]/.test(source)) {
    return `bindMounts: [BindMount.${isReadOnly ? 'readOnly' : 'writable'}('${source}', '${path}')]`;
  }
  return `volumes: [Volume.retained('${source}').mountAt('${path}'${isReadOnly ? ', { readOnly: true }' : ''})]`;
}
