/**
 * deck.gl's own layers, whose rows come with the specification. A row with a `code` means that area to the pointer; a row with a `tip`
 * (title, value, lines) brings its note along. A layer of these types needs no script of its own.
 */

import { FLAT, material } from '../lighting.js';
import { areaMeaning } from './areas.js';

/**
 * @param {string} type
 * @param {boolean} flat
 * @returns {Recipe}
 */
const plain = (type, flat) => ({
  draw: (props) => [new deck[type]({ ...(flat ? FLAT : { material: material('inside') }), ...props })],
  means(row, scene, { id }) {
    if (row.code !== undefined) return areaMeaning(scene.labelOf(row.code), scene);
    if (!row.tip) return null;
    return { hover: null, tip: () => ({ key: `${id} ${row.tip.title}`, ...row.tip }), pick: { kind: 'empty' } };
  },
});

export const SolidPolygonLayer = plain('SolidPolygonLayer', true);
export const PathLayer = plain('PathLayer', true);
export const ScatterplotLayer = plain('ScatterplotLayer', true);
export const ColumnLayer = plain('ColumnLayer', false);
