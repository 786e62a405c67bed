/** A case is called by its city and its number: two cities of one server may count alike. */

import { state } from '../address.js';
import { area } from '../city.js';

/** The city of the case in the address: the one that it names, otherwise that of the list. */
export const openCity = () => state().city ?? area().city;

/** Whether two cases are the same. @param {{number: string, city: string}} one @param {{number: string, city: string}} other */
export const isSame = (one, other) => one.number === other.number && one.city === other.city;

/**
 * Query that names a city; empty for one that is not known.
 *
 * @param {string} city
 */
export const inCity = (city) => (city ? new URLSearchParams({ city }) : new URLSearchParams());

/**
 * What the address says of a case: the city only where the list shows another one.
 *
 * @param {{number: string, city: string}} one
 */
export const addressed = ({ number, city }) => ({ case: number, city: city === area().city ? null : city });
