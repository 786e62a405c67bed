/** Tiles of what comes next, fetched before the camera is there. The browser keeps them: their addresses name the version of the data. */

import { tileAddress } from '../map/vector_tiles.js';
import { ALONE } from '../page/presence.js';

/** A scene needs some dozen; more would keep what is shown waiting. */
const MOST = 60;
const AT_ONCE = 3;
const PATIENCE_MS = 20000;
/** So many addresses are remembered, so that a round of the tour fetches nothing twice. */
const MOST_KNOWN = 4000;

/**
 * Addresses of the tiles that layers need where a camera stands: deck.gl's own reckoning.
 *
 * @param {any[]} layers Of a specification.
 * @param {any} viewport
 * @returns {string[]}
 */
export function tilesIn(layers, viewport) {
  const tiled = layers.filter(({ data }) => typeof data === 'string' && data.includes('{z}'));
  return tiled.flatMap(({ data, minZoom, maxZoom }) => {
    const tiles = new (/** @type {any} */ (deck)._Tileset2D)({ minZoom, maxZoom, getTileData: () => null });
    const found = tiles.getTileIndices({ viewport, minZoom, maxZoom });
    tiles.finalize();
    return found.map((/** @type {{x: number, y: number, z: number}} */ index) => tileAddress(data, index));
  });
}

export class Ahead {
  constructor() {
    /** @type {Set<string>} */
    this.known = new Set();
  }

  /** Fetch what is not here yet; what fails is fetched when it is needed. @param {string[]} addresses */
  async fetch(addresses) {
    const waiting = addresses.filter((one) => !this.known.has(one)).slice(0, MOST);
    if (this.known.size + waiting.length > MOST_KNOWN) this.known.clear();
    const work = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const answer = await fetch(one, { headers: ALONE, priority: 'low', signal }).catch(() => null);
        if (!answer?.ok) return;
        await answer.arrayBuffer().catch(() => null);
        this.known.add(one);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
}
