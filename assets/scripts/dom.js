/** Small helpers for elements, the window and Dash. */

/**
 * An element. Its text is always set as text, because names come from other people's files.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** How much larger than usual the page is drawn, on a large screen or a wall. */
export const screenScale = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--scale')) || 1;

/** What the server must know of the screen when it draws the map itself. */
export const screenFacts = () => ({
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
  width: globalThis.innerWidth,
  height: globalThis.innerHeight,
});

/** Whether the reader has asked for less motion. */
export const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * Set properties of one of Dash's components: the one way from scripts to the page's callbacks.
 *
 * @param {string} id
 * @param {Record<string, unknown>} props
 */
export function setProps(id, props) {
  globalThis.dash_clientside?.set_props?.(id, props);
}

/**
 * The element that an event came from, or the nearest one around it that a selector fits.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * An element that must be there.
 *
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function required(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no element ${selector}`);
  return found;
}
