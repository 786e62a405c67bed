/** Loads deck.gl, and finds out whether this browser can draw with it. */

import { element } from '../dom.js';

let canDraw = false;

/**
 * Whether the browser draws WebGL 2. Found once, it counts for good, because each try takes one of the few contexts that a page may have;
 * a try that fails takes none, and a graphics driver may come back.
 */
export function supportsWebgl() {
  if (!canDraw) {
    const probe = document.createElement('canvas').getContext('webgl2');
    canDraw = Boolean(probe);
    probe?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return canDraw;
}

/**
 * Load deck.gl, unless it is here. A script that failed is taken away, so that the next try asks again.
 *
 * @param {string} address
 * @returns {Promise<void>}
 */
export function loadLibrary(address) {
  if (window.deck?.Deck) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = element('script');
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error('cannot load ' + address));
    };
    document.head.append(script);
  });
}
