/** The map by keyboard, while it has the focus: arrows move it, plus and minus change how near it is. */

import { required } from '../../dom.js';
import { map } from '../../map/grid_map.js';

/** Of what is seen, so much moves out of sight with one press. */
const SHARE = 0.2;
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<string, number>} */
const STEPS = { '+': 1, '=': 1, '-': -1 };

/** @param {AbortSignal} signal */
export function beginMapKeys(signal) {
  const host = required('#map');
  host.tabIndex = 0;
  // Before deck.gl, which would move the map by its own keys only while its canvas has the focus.
  host.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    const step = STEPS[event.key];
    if (way) map.pan(way[0] * SHARE * host.clientWidth, way[1] * SHARE * host.clientHeight);
    else if (step) map.zoom(step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal, capture: true });
}
