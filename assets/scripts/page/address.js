/** The address is the view. Nothing here touches the page: texts in, texts out. */

/**
 * Parameters as the query part of an address.
 *
 * @param {URLSearchParams} parameters
 */
export function asSearch(parameters) {
  const text = parameters.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text ? `?${text}` : '';
}

/**
 * What a link changes, applied to where the reader is now: a second click that comes before the first answer loses nothing.
 *
 * @param {string} now The present address.
 * @param {URLSearchParams} rendered The address that the link on screen was made for.
 * @param {string} wanted The link's address.
 * @returns {{search: string, flies: boolean}} `flies` where the link asks for a camera of its own.
 */
export function merged(now, rendered, wanted) {
  const parameters = new URLSearchParams(now);
  const target = new URLSearchParams(wanted);
  for (const key of new Set([...rendered.keys(), ...target.keys()])) {
    const value = target.get(key);
    if (rendered.get(key) === value) continue;
    if (value === null) parameters.delete(key);
    else parameters.set(key, value);
  }
  const flies = target.get('cam') !== rendered.get('cam') && target.has('cam');
  if (!flies && target.get('area') !== rendered.get('area')) parameters.delete('cam');
  return { search: asSearch(parameters), flies };
}

/**
 * An address with some parameters changed; null takes one away.
 *
 * @param {string} now
 * @param {Record<string, string | null>} changes
 */
export function changed(now, changes) {
  const parameters = new URLSearchParams(now);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(key);
    else parameters.set(key, value);
  }
  return asSearch(parameters);
}

/**
 * The whole city, in the same language and colours.
 *
 * @param {string} now
 */
export function homeOf(now) {
  const parameters = new URLSearchParams(now);
  for (const key of [...parameters.keys()]) if (key !== 'lang' && key !== 'theme') parameters.delete(key);
  return asSearch(parameters);
}

/**
 * An address with the camera in it: longitude, latitude, zoom, pitch, bearing.
 *
 * @param {string} now
 * @param {CameraFacts} camera
 */
export const withCamera = (now, camera) => changed(now, { cam: cameraText(camera) });

/** @param {CameraFacts} camera */
export function cameraText({ lon, lat, zoom, pitch, bearing }) {
  return [lon.toFixed(5), lat.toFixed(5), zoom.toFixed(2), (pitch || 0).toFixed(0), (bearing || 0).toFixed(0)].join(',');
}

/**
 * The opacities in an address after one of them was changed; null where all are at their full.
 *
 * @param {string} now
 * @param {string} layer
 * @param {string} percent
 */
export function opacities(now, layer, percent) {
  const given = new URLSearchParams(now).get('opacity') || '';
  const kept = new Map(given.split(',').filter(Boolean).map((pair) => /** @type {[string, string]} */ (pair.split(':'))));
  if (percent === '100') kept.delete(layer);
  else kept.set(layer, percent);
  return [...kept].map((pair) => pair.join(':')).join(',') || null;
}
