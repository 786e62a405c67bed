/** A tour while somebody writes it: pure changes of a draft, and what is sent. */

/**
 * @typedef {{playlist: string, from: string, until: string, days: string, weekdays: number[]}} ScheduleRule
 * @typedef {{id: number, name: string, name_en: string, playlist: string, area: string, zone: string | null, layers: string[],
 *   measure: string, panels: string[], camera: WallScene['camera'], dwell_s: number}} DraftScene
 * @typedef {{schedule: ScheduleRule[], interrupt: WallTour['interrupt'], brightness: number[], pixel_shift: WallTour['pixel_shift'],
 *   alarm: string[]}} TourSettings
 * @typedef {{version: string, made: boolean, scenes: DraftScene[], settings: TourSettings}} TourDraft
 */

const KEPT = ['id', 'name', 'name_en', 'playlist', 'area', 'zone', 'layers', 'measure', 'panels', 'camera', 'dwell_s'];

/**
 * The draft that begins with what is kept.
 *
 * @param {any} told
 * @returns {TourDraft}
 */
export function draftOf(told) {
  return {
    version: told.version,
    made: told.made,
    scenes: told.scenes.map(only),
    settings: { alarm: [], ...structuredClone(told.settings) },
  };
}

/** Without the names of areas, which only the answer has. @param {any} scene @returns {DraftScene} */
const only = (scene) => /** @type {any} */ (Object.fromEntries(KEPT.map((name) => [name, structuredClone(scene[name])])));

/**
 * A new scene of an area.
 *
 * @param {string} area
 * @param {string} name
 * @param {string} english
 * @returns {DraftScene}
 */
export const newScene = (area, name, english) => ({
  ...{ id: 0, name, name_en: english, playlist: 'day', area, zone: null, layers: [], measure: '', panels: [], dwell_s: 20 },
  camera: { zoom: null, pitch: 57, bearing: -22, orbit_deg_per_s: 0.3 },
});

/**
 * The list with one moved up or down.
 *
 * @template T
 * @param {T[]} list
 * @param {number} from
 * @param {number} by
 */
export function moved(list, from, by) {
  const to = from + by;
  if (to < 0 || to >= list.length) return list;
  const made = [...list];
  made.splice(to, 0, ...made.splice(from, 1));
  return made;
}

/**
 * What is sent. Scenes that were made from the city get numbers of their own.
 *
 * @param {TourDraft} draft
 * @param {{wall: string, city: string}} where
 */
export function bodyOf(draft, where) {
  const scenes = draft.scenes.map((one) => ({ ...one, id: Math.max(0, one.id), zone: one.zone || null }));
  return { ...where, seen: draft.version, scenes, settings: draft.settings };
}

/** Names of all playlists. @param {TourDraft} draft */
export const playlists = (draft) => [
  ...new Set(['day', ...draft.scenes.map((one) => one.playlist), ...draft.settings.schedule.map((one) => one.playlist)]),
];

/** Brightness as people write it: of each hour, in percent. @param {number[]} brightness */
export const brightnessText = (brightness) => brightness.map((one) => Math.round(one * 100)).join(' ');

/** The way back; null where it is none. @param {string} text @returns {number[] | null} */
export function readBrightness(text) {
  const found = text.split(/[\s,，]+/).filter(Boolean).map((one) => Number(one) / 100);
  return found.length === 24 && found.every((one) => one >= 0.2 && one <= 1) ? found : null;
}
