/** What the server says once about the page: who is asking, and every sentence in the reader's language. */

/** @type {DeskFacts | null} */
let held = null;

/** @returns {DeskFacts} */
export function facts() {
  held ??= JSON.parse(document.querySelector('[data-desk]')?.getAttribute('data-desk') ?? '{}');
  return /** @type {DeskFacts} */ (held);
}

/**
 * A sentence with its places filled. Of one thing another sentence is said, where there is one: `{n} cases`, `1 case`.
 *
 * @type {Say}
 */
export function say(name, given = {}) {
  const words = facts().words;
  const text = (String(given.n) === '1' ? words[`${name}_one`] : null) ?? words[name] ?? name;
  return text.replace(
    /\{(\w+)\}/g,
    (/** @type {string} */ whole, /** @type {string} */ place) => (place in given ? String(given[place]) : whole),
  );
}

/** Whether there is a sentence of this name. @param {string} name */
export const known = (name) => name in facts().words;

/**
 * The name of something in the reader's language.
 *
 * @param {string | null | undefined} name
 * @param {string | null | undefined} english
 */
export const inLanguage = (name, english) => (facts().lang === 'en' ? english || name : name || english) ?? '';
