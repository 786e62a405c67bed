/** What a wall shows of a scene. Pure. */

/**
 * Everything that a wall needs to know of what it shows.
 *
 * @typedef {object} Shown
 * @property {string} key Changes exactly when something else is shown.
 * @property {string} name In the city's language.
 * @property {string} name_en
 * @property {'area' | import('./tour.js').Placed['kind']} kind
 * @property {string | null} area Whose figures stand beside the map; null: where the account starts.
 * @property {Look} look What the map shows.
 * @property {import('./director.js').Sight} sight
 * @property {string[]} panels Empty: all.
 * @property {WallCase | null} card Of a case that breaks in.
 */

/** @typedef {{area: string | null, measure: string | null, layers: string[]}} Look */

/** As in `data/wall/model.py`: scenes that were written before this limit are shown with it. */
const STEEPEST_DEG = 60;
/** Where every wall looks from unless a scene says otherwise. */
const USUAL = { zoom: null, pitch: 57, bearing: -22, orbit: 0 };

/**
 * An area that stands for good.
 *
 * @param {string | null} area
 * @returns {Shown}
 */
export const shownArea = (area) => ({
  ...{ key: `area ${area ?? ''}`, name: '', name_en: '', kind: 'area', area, look: { area, measure: null, layers: [] } },
  ...{ sight: { ...USUAL, box: null, at: null }, panels: [], card: null },
});

/**
 * A scene that stands alone.
 *
 * @param {WallScene} scene
 * @param {string} key
 * @returns {Shown}
 */
export function shownScene(scene, key) {
  const { zoom = null, pitch = USUAL.pitch, bearing = USUAL.bearing, orbit_deg_per_s: orbit = 0 } = scene.camera ?? {};
  const area = scene.zone ?? scene.area;
  return {
    ...{ key, name: scene.name, name_en: scene.name_en, kind: 'scene', area, panels: scene.panels ?? [], card: null },
    look: { area, measure: scene.measure || null, layers: scene.layers ?? [] },
    sight: { box: scene.bbox ?? null, at: null, zoom, pitch: Math.min(pitch, STEEPEST_DEG), bearing, orbit },
  };
}

/**
 * What is shown where the tour stands. While a case breaks in, figures stay those of the scene that it interrupts.
 *
 * @param {WallTour} tour
 * @param {import('./tour.js').Placed} placed
 * @returns {Shown}
 */
export function shownAt(tour, placed) {
  const { scene, own, kind, turn, key } = placed;
  const shown = { ...shownScene(scene, key), kind };
  const found = turn?.case;
  if (!found) return turn?.look?.area ? elsewhere(shown, scene, turn.look.camera) : shown;
  const around = shownScene(sceneAround(tour, own, found), key);
  const { name, name_en, area, panels } = shownScene(own, key);
  return {
    ...shown,
    ...{ name, name_en, area, panels, look: around.look, card: found, sight: { ...shown.sight, at: [found.lon, found.lat] } },
  };
}

/**
 * A presenter shows another area: the scene's own zoom was made for its own area.
 *
 * @param {Shown} shown
 * @param {WallScene} scene
 * @param {WallScene['camera'] | undefined} camera
 * @returns {Shown}
 */
const elsewhere = (shown, { area_name, area_name_en }, camera) => ({
  ...{ ...shown, name: area_name, name_en: area_name_en },
  sight: camera ? shown.sight : { ...shown.sight, zoom: null },
});

/**
 * The scene whose map shows a place: the tour's own if it does.
 *
 * @param {WallTour} tour
 * @param {WallScene} own
 * @param {{lon: number, lat: number}} place
 */
function sceneAround(tour, own, { lon, lat }) {
  const holds = (/** @type {WallScene} */ { bbox }) => bbox && bbox[0] <= lon && lon <= bbox[2] && bbox[1] <= lat && lat <= bbox[3];
  return holds(own) ? own : tour.scenes.find(holds) ?? own;
}

/**
 * Since when the camera of what is shown turns, by the server's clock. A scene that is held goes on turning.
 *
 * @param {import('./tour.js').Placed} placed
 * @param {number} now
 */
export function turningSince({ scene, own, turn, seconds_in, own_seconds_in }, now) {
  const held = turn && !turn.case && scene === own;
  return now - (seconds_in + (held ? own_seconds_in : 0)) * 1000;
}
