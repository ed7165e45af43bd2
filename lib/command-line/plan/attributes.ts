import { Size } from '../../index';

/** The attributes of a resource, as `terraform show -json` has them, or as `synth` writes them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Stands for an attribute whose value is only known after the apply. */
export const UNKNOWN = '(known after apply)';

/** How a setting is described: each group has its own way of naming a change. */
export type SettingGroup = 'option' | 'switch' | 'environment' | 'item' | 'file' | 'secret' | 'image';

/** A setting that a user made, or that follows from one. */
export interface Setting {
  readonly group: SettingGroup;
  readonly name: string;
  readonly value: string;
}

/** A setting without a name here keeps the provider's: a change must not be hidden. */
export function others(attributes: Attributes): Setting[] {
  return Object.entries(attributes)
    .filter(([key]) => key !== 'id')
    .map(([key, value]) => option(key, typeof value === 'object' && value !== null ? compact(value) : value))
    .filter(isSet);
}

function compact(value: object): string {
  const json = JSON.stringify(value);
  // Terraform writes an empty block for every list of blocks that is not set.
  return /[^[\]{}:,]/.test(json.replace(/"\w+":(null|""|\[\]|\{\})/g, '')) ? json : '';
}

export function option(name: string, value: unknown): Setting {
  return { group: 'option', name, value: text(value) };
}

export function toggle(name: string, value: unknown): Setting {
  return { group: 'switch', name, value: value === true ? 'on' : '' };
}

export function variable(name: string, value: string): Setting {
  return { group: 'environment', name, value };
}

export function item(name: string, value: string): Setting {
  return { group: 'item', name, value };
}

export function isSet({ group, value }: Setting): boolean {
  return group === 'environment' || value !== '';
}

/** The provider writes null, an empty string, 0 and false for an option that is not set. */
export function text(value: unknown): string {
  if (value === null || value === undefined || value === false || value === 0) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function seconds(value: unknown): string {
  return text(value) === '' ? '' : `${text(value)}s`;
}

export function bytes(value: number): string {
  return value > 0 ? String(Size.bytes(value)) : value < 0 ? 'unlimited' : '';
}

export function cores(value: number): string {
  return value > 0 ? String(value) : '';
}

/** As a user would type it. */
export function words(value: unknown): string {
  return list(value)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}

export function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map((one) => text(one)) : [];
}

/** A configuration may have one block without a list, which a plan always has. */
export function blocks(value: unknown): Attributes[] {
  if (Array.isArray(value)) return value as Attributes[];
  return typeof value === 'object' && value !== null ? [value as Attributes] : [];
}

export function first(value: unknown): Attributes {
  return blocks(value)[0] ?? {};
}

export function entries(value: unknown): [string, string][] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).map(([key, one]) => [key, typeof one === 'string' ? one : JSON.stringify(one)])
    : [];
}

export function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

export function decoded(value: unknown): string {
  return Buffer.from(text(value), 'base64').toString('utf8');
}

export function labelsOf(labels: unknown): [string, string][] {
  return blocks(labels).map(({ label, value }) => [text(label), text(value)]);
}
