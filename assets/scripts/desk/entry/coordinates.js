/** Coordinates as people type them. Nothing here touches the page. */

export const DATUMS = ['wgs84', 'cgcs2000', 'gcj02', 'bd09'];
const NUMBER = '([+-]?\\d{1,3}(?:\\.\\d+)?)';
const TYPED = new RegExp(`^\\s*[(（]?\\s*${NUMBER}\\s*°?\\s*[,，;；\\s]\\s*${NUMBER}\\s*°?\\s*[)）]?\\s*$`);

/**
 * Longitude and latitude, in whichever order they were typed: the one that can be no latitude is the longitude, and otherwise the larger,
 * which holds everywhere in China.
 *
 * @param {string} text
 */
export function readCoordinates(text) {
  const found = TYPED.exec(text);
  if (!found) return null;
  const [one, other] = [Number(found[1]), Number(found[2])];
  const [lat, lon] = Math.abs(one) > Math.abs(other) ? [other, one] : [one, other];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lon, lat } : null;
}
