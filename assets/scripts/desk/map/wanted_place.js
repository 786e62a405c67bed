/** The map while a new case is entered: a click says where it is, and the chosen place is marked and brought into sight. */

import { onPlaceWanted, pickPlace, placeWanted } from '../entry/place_picking.js';

/**
 * Hear of another chosen place.
 *
 * @param {(place: {lon: number, lat: number} | null) => void} changed
 * @param {AbortSignal} signal
 */
export function followWantedPlace(changed, signal) {
  let last = '';
  onPlaceWanted(({ on, place }) => {
    const now = on && place ? `${place.lon},${place.lat}` : '';
    if (now === last) return;
    last = now;
    changed(on ? place : null);
  }, signal);
}

/** Whether the form takes clicks now. */
export const takesClicks = () => placeWanted().on;

/** A click at a place of the map; not every click meets the ground. @param {{lon: number | null, lat: number | null}} data */
export function clickedAt({ lon, lat }) {
  if (lon !== null && lat !== null) pickPlace({ lon, lat });
}

/** The mark of the chosen place as layers of the map: a ring with a dot in it. */
export function wantedLayers() {
  const { on, place } = placeWanted();
  if (!on || !place) return [];
  const ink = (/** @type {string} */ token, /** @type {number} */ alpha) => ({ '@@function': 'ink', token, alpha });
  const data = [{ at: [place.lon, place.lat] }];
  const of = { data, getPosition: { '@@function': 'field', name: 'at' }, radiusUnits: 'pixels', lineWidthUnits: 'pixels', pickable: false };
  return [
    {
      ...of,
      ...{ '@@type': 'ScatterplotLayer', id: 'wanted-ring', getRadius: 13, stroked: true, filled: true, getLineWidth: 3 },
      ...{ getFillColor: ink('raised', 140), getLineColor: ink('accent', 255) },
    },
    { ...of, '@@type': 'ScatterplotLayer', id: 'wanted-dot', getRadius: 4, stroked: false, filled: true, getFillColor: ink('accent', 255) },
  ];
}
