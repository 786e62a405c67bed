/** Colours by token, read from the page's style sheet, so that the map and the panels can never differ. */

import { onStop } from '../lifecycle.js';

const SCHEME = 'data-mantine-color-scheme';
/** @type {Map<string, number[]>} */
let known = new Map();

/** The theme on screen. */
export const theme = () => (document.documentElement.getAttribute(SCHEME) === 'dark' ? 'dark' : 'light');

/** How the page wants the map to look: as its theme, or as on a wall, lit from the streets. @returns {'light' | 'dark' | 'wall'} */
export const look = () => (document.documentElement.dataset.look === 'wall' ? 'wall' : theme());

/**
 * A colour by its token.
 *
 * @param {string} token Without its two dashes.
 * @param {number} [alpha] 0–255.
 * @returns {Ink}
 */
export function ink(token, alpha = 255) {
  let rgb = known.get(token) ?? null;
  if (!rgb) {
    rgb = parseHex(getComputedStyle(document.documentElement).getPropertyValue('--' + token).trim());
    if (!rgb) throw new Error('no colour --' + token);
    known.set(token, rgb);
  }
  return [...rgb, alpha];
}

/**
 * Red, green and blue of `#rrggbb`; null for any other text.
 *
 * @param {string} text
 */
export function parseHex(text) {
  return /^#[0-9a-f]{6}$/i.test(text) ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)) : null;
}

/**
 * A colour between two, fully opaque.
 *
 * @param {Ink} a
 * @param {Ink} b
 * @param {number} share 0 is `a`, 1 is `b`.
 * @returns {Ink}
 */
export const mix = (a, b, share) => [...[0, 1, 2].map((i) => Math.round(a[i] + (b[i] - a[i]) * share)), 255];

/**
 * A colour as a style sheet writes it.
 *
 * @param {Ink} color
 */
export const css = (color) => `rgba(${color[0]},${color[1]},${color[2]},${color[3] / 255})`;

/**
 * Call a function whenever the theme changes.
 *
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
export function watchTheme(changed, signal) {
  const observer = new MutationObserver(() => {
    known = new Map();
    changed();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [SCHEME] });
  onStop(signal, () => observer.disconnect());
}
