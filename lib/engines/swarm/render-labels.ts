import { literal, sortedEntries } from '../../platform/terraform-text';

/** A label as the provider takes it. */
export interface RenderedLabel {
  readonly label: string;
  readonly value: string;
}

/** The labels of a service, in the order of their names. */
export function renderLabels(labels: Readonly<Record<string, string>>): RenderedLabel[] {
  return sortedEntries(labels).map(([label, value]) => ({ label, value: literal(value) }));
}

/**
 * The labels of its containers, for `docker ps` and for what collects logs: those of this library, which name the stack
 * and the service and so stay what they are. When any other one changed, the provider would remove the service and make
 * it anew, where a Swarm replaces one task after another.
 */
export function renderContainerLabels(labels: Readonly<Record<string, string>>): RenderedLabel[] {
  return renderLabels(labels).filter(({ label }) => label.startsWith('cdktf-trading-stack.'));
}
