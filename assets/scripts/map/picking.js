/** From what lies under the pointer to what it means. Which layer it is does not matter here: its recipe knows. */

import { recipes } from './recipes/index.js';

/** @type {Meaning} */
export const NOTHING = { hover: null, tip: () => null, pick: { kind: 'empty' } };

/**
 * What deck.gl's picking answer means.
 *
 * @param {{object?: any, layer?: {id: string}} | null} info
 * @param {any} scene
 * @returns {Meaning}
 */
export function meaningOf(info, scene) {
  if (!info?.object || !info.layer) return NOTHING;
  const props = scene.layerOf(info.layer.id);
  return (props && recipes[props['@@type']]?.means?.(info.object, scene, props)) ?? NOTHING;
}
