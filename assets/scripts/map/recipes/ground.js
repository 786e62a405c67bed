/** Ground, water, roads and flood zones. */

import { theme } from '../colors.js';
import { FLAT, material } from '../lighting.js';
import { tiled } from '../vector_tiles.js';

/** Alpha of roads on a flat map, by rank. */
const QUIET = [0, 190, 110, 60, 40];
const TREES_FROM_ZOOM = 14;

/**
 * @param {string} id
 * @param {any[] | undefined} data
 * @param {Ink} color
 */
function surface(id, data, color) {
  if (!data) return null;
  return new deck.SolidPolygonLayer({ id, data, getPolygon: (/** @type {any} */ d) => d.shape, getFillColor: color, ...FLAT });
}

/** @type {Recipe} */
export const GroundTiles = {
  draw: (props) => [
    tiled(
      props,
      (id, kinds) => [surface(id + '-field', kinds.field, props.inks.field), surface(id + '-green', kinds.green, props.inks.green)],
      [theme()],
    ),
  ],
};

/** @type {Recipe} */
export const FloodTiles = {
  draw: (props) => [tiled(props, (id, kinds) => surface(id + '-flood', kinds.flood, props.getFillColor), [props.getFillColor.join()])],
};

/** @type {Recipe} */
export const BaseTiles = {
  draw: (props) => [
    tiled(
      props,
      (id, kinds, tile) => [
        surface(id + '-water', kinds.water, props.inks.water),
        kinds.road && roads(id + '-road', kinds.road, props),
        surface(id + '-track', kinds.track, props.inks.track),
        props.trees && kinds.tree && tile.index.z >= TREES_FROM_ZOOM && trees(id + '-tree', kinds.tree, props.inks.tree),
      ],
      [theme(), props.quiet, props.trees],
    ),
  ],
};

/**
 * @param {string} id
 * @param {any[]} data
 * @param {any} props
 */
function roads(id, data, { inks, quiet }) {
  /** @type {(d: any) => Ink} */
  const color = (d) => (quiet ? [...inks.road.slice(0, 3), QUIET[Math.min(d.rank, 4)]] : d.rank <= 2 ? inks.road : inks.minor);
  return new deck.PathLayer({
    id,
    data,
    getPath: (/** @type {any} */ d) => d.shape,
    getWidth: (/** @type {any} */ d) => (d.width_m || 8) * (quiet ? 1 : 0.86),
    getColor: color,
    widthMinPixels: quiet ? 0.35 : 0.5,
    capRounded: true,
    jointRounded: true,
    ...FLAT,
  });
}

/**
 * @param {string} id
 * @param {any[]} data
 * @param {Ink} color
 */
function trees(id, data, color) {
  return new deck.ColumnLayer({
    id,
    data,
    getPosition: (/** @type {any} */ d) => d.shape,
    diskResolution: 6,
    radius: 4.2,
    extruded: true,
    getElevation: (/** @type {any} */ d) => 1.7 * (d.width_m || 6),
    getFillColor: color,
    material: material('inside'),
  });
}
