/** All recipes, by the type that a layer of the specification names. */

import * as areas from './areas.js';
import * as buildings from './buildings.js';
import * as facilities from './facilities.js';
import * as ground from './ground.js';
import * as incidents from './incidents.js';
import * as labels from './labels.js';
import * as plain from './plain.js';

/** Of everything that those files offer, what draws is a recipe. */
const found = [areas, buildings, facilities, ground, incidents, labels, plain].flatMap((file) => Object.entries(file));

/** @type {Record<string, Recipe>} */
export const recipes = Object.fromEntries(found.filter(([, one]) => typeof (/** @type {any} */ (one)?.draw) === 'function'));

/**
 * The recipe of a type.
 *
 * @param {string} type
 */
export function recipeOf(type) {
  if (!Object.hasOwn(recipes, type)) throw new Error('no recipe for ' + type);
  return recipes[type];
}
