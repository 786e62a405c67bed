/** Vector tiles: fetched, read in a worker of this site, sorted into kinds, and drawn as several layers for each tile. */

import { noteFailure } from '../failures.js';
import { clearTrouble, reportTrouble } from '../page/notices.js';
import { allowed, nameOf, pause, rest } from '../page/patience.js';
import { ALONE, isAlone } from '../page/presence.js';

/** @typedef {Record<string, any[]>} Kinds Rows of a tile by kind, each with its `shape`. */

let workerUrl = '';
/** @type {any} */
let VectorTiles = null;

/**
 * Say where the worker is that reads tiles.
 *
 * @param {string} address
 */
export function useWorker(address) {
  workerUrl = address;
}

function tilesClass() {
  class Tiles extends deck.TileLayer {
    /** @param {any} tile */
    getTileData(tile) {
      const address = tileAddress(this.props.data, tile.index);
      const loadOptions = {
        worker: true,
        core: { mimeType: 'application/x-protobuf', worker: true, fetch: { headers: isAlone() ? ALONE : {} } },
        mvt: { shape: 'geojson', coordinates: 'wgs84', tileIndex: tile.index, workerUrl },
      };
      const loaders = deck.MVTLayer.defaultProps.loaders;
      const ask = () => this.props.fetch(address, { propName: 'data', layer: this, loaders, loadOptions, signal: tile.signal });
      return untilFetched(ask, address, tile.signal).then(byKind);
    }
  }
  /** @type {any} */ (Tiles).layerName = 'VectorTiles';
  return Tiles;
}

/**
 * The address of one tile.
 *
 * @param {string} template With `{z}`, `{x}` and `{y}`.
 * @param {{x: number, y: number, z: number}} index
 */
export const tileAddress = (template, { x, y, z }) =>
  template.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y));

/**
 * deck.gl never asks again for a tile that failed: after a server's bad minute the map would keep its holes.
 *
 * @param {() => Promise<any[]>} ask
 * @param {string} address
 * @param {AbortSignal} signal
 */
export async function untilFetched(ask, address, signal) {
  for (let times = 0; !signal.aborted; times += 1) {
    try {
      await allowed(signal);
      if (signal.aborted) break;
      const features = await ask();
      clearTrouble(address);
      return features;
    } catch (error) {
      if (signal.aborted) break;
      const { response } = /** @type {{response?: Response}} */ (error);
      noteFailure(error);
      reportTrouble(address, await nameOf(response));
      await rest(pause(times, response), signal);
    }
  }
  // Given up because the map moved on: no longer missing.
  clearTrouble(address);
  return null;
}

/**
 * Features of a tile by kind; surfaces and lines of several parts become one row for each part.
 *
 * @param {any[] | null} features
 */
export function byKind(features) {
  /** @type {Kinds} */
  const kinds = {};
  for (const { geometry, properties } of features || []) {
    const rows = (kinds[properties.kind || properties.layerName] ??= []);
    for (const shape of parts(geometry)) rows.push({ ...properties, shape });
  }
  // Main roads lie over side streets.
  kinds.road?.sort((a, b) => b.rank - a.rank);
  return kinds;
}

/** @param {{type: string, coordinates: any[]}} geometry */
function parts({ type, coordinates }) {
  return type.startsWith('Multi') ? coordinates : [coordinates];
}

/**
 * A layer of tiles.
 *
 * @param {any} props Of the specification.
 * @param {(id: string, kinds: Kinds, tile: any, opacity: number) => unknown} render Draws one tile.
 * @param {unknown[]} triggers Tiles are drawn anew when one of these changes.
 */
export function tiled(props, render, triggers) {
  VectorTiles ??= tilesClass();
  return new VectorTiles({
    id: props.id,
    data: props.data,
    minZoom: props.minZoom,
    maxZoom: props.maxZoom,
    maxCacheSize: 90,
    maxRequests: 8,
    refinementStrategy: 'best-available',
    pickable: Boolean(props.pickable),
    opacity: props.opacity ?? 1,
    onTileError: (/** @type {Error | null} */ error) => {
      // A tile that is given up because the map moved on is no error.
      if (error?.name !== 'AbortError') noteFailure(error);
    },
    renderSubLayers: (/** @type {any} */ { id, tile, data, opacity }) => (data ? render(id, data, tile, opacity) : null),
    updateTriggers: { renderSubLayers: triggers },
  });
}
