import { invalidValue } from '../errors';
import { hasForm, listOf } from '../platform/plain-values';

/** @throws TradingStackError unless each of them is the host of a registry, as `docker login` takes it */
export function checkRegistries(registries: readonly string[], where: string): readonly string[] {
  checkAll(registries, 'registries', where);
  return registries;
}

const checkAll = listOf((given, property, where) => {
  if (hasForm(given, /^(https?:\/\/)?[A-Za-z0-9.-]+(:[0-9]+)?(\/\S*)?$/)) return;
  throw invalidValue(where, property, given, "the host of a registry, as `docker login` takes it: 'ghcr.io'");
}, 'wordy');
