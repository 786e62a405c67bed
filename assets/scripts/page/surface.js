/**
 * `window.gridwell`: what browser tests and benchmarks read. No script of the page uses it, and nothing can be put into it.
 *
 * - `map`: `drawn()`, `idle`, `camera`, `scene`, `project(lon, lat)`, `pickAt(x, y)` and the rest of `map/grid_map.js`
 * - `failed`: the last failure that no reader was told of, or null
 * - `wall`: on a wall's page, what runs there (`wall/wall.js`): `clock`, `shown`, `touring`
 * - `recipes`: the types of layers that scripts of ours draw
 */

import { lastFailure } from '../failures.js';
import { map } from '../map/grid_map.js';
import { recipes } from '../map/recipes/index.js';

/** Put it on the window. @param {object} [more] Of the page alone. */
export function exposeSurface(more = {}) {
  const surface = {
    ...more,
    map,
    recipes,
    get failed() {
      return lastFailure();
    },
  };
  Object.defineProperty(globalThis, 'gridwell', { value: Object.freeze(surface), configurable: true });
}
