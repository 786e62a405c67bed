/**
 * Results that depend only on an object, which never changes after it was fetched, are made once for it.
 *
 * @type {WeakMap<object, Map<string, unknown>>}
 */
const results = new WeakMap();

/**
 * @template T
 * @param {object} object The object that the result belongs to; the result is forgotten with it.
 * @param {string} key Names the result.
 * @param {() => T} make
 * @returns {T}
 */
export function memo(object, key, make) {
  const known = results.get(object) ?? new Map();
  results.set(object, known);
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
}
