/** pydeck's JSON to properties. Only the functions named here exist: nothing in a specification is ever evaluated. */

import { ink } from './colors.js';

/** @type {Record<string, (plain: any) => unknown>} */
const functions = {
  ink: ({ token, alpha }) => ink(token, alpha),
  field: ({ name }) => (/** @type {any} */ row) => row[name],
  inkOf: ({ name, inks }) => (/** @type {any} */ row) => inks[row[name]],
};

/**
 * A value of the specification with its functions made; rows under `data` are left as they are.
 *
 * @param {any} value
 * @returns {any}
 */
export function convert(value) {
  if (Array.isArray(value)) return value.map(convert);
  if (value === null || typeof value !== 'object') return value;
  /** @type {Record<string, any>} */
  const plain = {};
  for (const key in value) plain[key] = key === 'data' ? value[key] : convert(value[key]);
  const name = plain['@@function'];
  if (name === undefined) return plain;
  if (!Object.hasOwn(functions, name)) throw new Error('unknown function ' + name);
  return functions[name](plain);
}
