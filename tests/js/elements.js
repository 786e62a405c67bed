/** As much of a page as scripts need that draw into it: elements with children, text, classes and attributes. */

export class Made extends EventTarget {
  /** @param {string} tag */
  constructor(tag) {
    super();
    this.tag = tag;
    this.className = '';
    /** @type {(Made | string)[]} */
    this.inside = [];
    /** @type {Record<string, string>} */
    this.attributes = {};
    /** @type {Record<string, string>} */
    this.style = {};
  }

  /** @param {...(Made | string)} more */
  append(...more) {
    this.inside.push(...more);
  }

  /** @param {...(Made | string)} others */
  replaceChildren(...others) {
    this.inside = others;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  /** @returns {string} */
  get textContent() {
    return this.inside.map((one) => (typeof one === 'string' ? one : one.textContent)).join('');
  }

  set textContent(text) {
    this.inside = text ? [text] : [];
  }

  /** All elements inside with a tag, or with a class (`.name`). @param {string} selector @returns {Made[]} */
  querySelectorAll(selector) {
    return this.inside.flatMap((one) => {
      if (typeof one === 'string') return [];
      const fits = selector.startsWith('.') ? one.className.split(' ').includes(selector.slice(1)) : one.tag === selector;
      return [...(fits ? [one] : []), ...one.querySelectorAll(selector)];
    });
  }
}

/**
 * A page with one element for each selector, and what the server says once about it.
 *
 * @param {string[]} selectors
 * @param {Record<string, unknown>} facts
 */
export function makePage(selectors, facts) {
  const parts = new Map(selectors.map((one) => [one, new Made('div')]));
  const page = {
    activeElement: null,
    createElement: (/** @type {string} */ tag) => new Made(tag),
    createElementNS: (/** @type {string} */ _, /** @type {string} */ tag) => new Made(tag),
    querySelector: (/** @type {string} */ one) =>
      one === '[data-desk]' ? { getAttribute: () => JSON.stringify(facts) } : parts.get(one) ?? null,
  };
  Object.assign(globalThis, { document: page, HTMLElement: Made });
  return parts;
}
