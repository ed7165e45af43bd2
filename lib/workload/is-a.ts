/** A class, also one whose constructor is private. */
interface Class {
  readonly name: string;
  readonly prototype: object;
}

/**
 * Whether a value is of a class, or of the class of that name in another copy of the library: a value of that one is as
 * good, and `instanceof` does not know it. What some other library calls a `Duration` has not all that it can do.
 */
export function isA(type: Class, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let prototype: unknown = Object.getPrototypeOf(value);
  while (typeof prototype === 'object' && prototype !== null) {
    if (prototype === type.prototype) return true;
    if (prototype.constructor.name === type.name && hasAllOf(type, prototype)) return true;
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}

function hasAllOf(type: Class, prototype: object): boolean {
  return Object.getOwnPropertyNames(type.prototype).every((name) => name in prototype);
}
