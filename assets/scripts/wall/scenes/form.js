/** The fields of one scene. Each change goes into the draft at once. */

import { element } from '../../dom.js';
import { inLanguage, say } from '../../desk/facts.js';
import { get } from '../../desk/server.js';
import { box, button, choice, field, given, tick } from '../remote/parts.js';
import { playlists } from './draft.js';

/** @typedef {import('./draft.js').DraftScene} DraftScene */

const SEARCH_MS = 250;

/**
 * @param {string} type
 * @param {unknown} value
 * @param {(text: string) => void} changed
 */
function input(type, value, changed) {
  const made = Object.assign(element('input'), { type, value: String(value ?? ''), step: 'any', maxLength: 60 });
  made.addEventListener('input', () => changed(made.value));
  return made;
}

/**
 * @param {DraftScene} scene
 * @param {import('./draft.js').TourDraft} draft
 * @param {() => void} changed
 */
export function sceneForm(scene, draft, changed) {
  /** @template {keyof DraftScene} K @param {K} name @param {DraftScene[K]} value */
  const set = (name, value) => {
    scene[name] = value;
    changed();
  };
  const camera = (/** @type {'pitch' | 'bearing' | 'orbit_deg_per_s'} */ name) =>
    input('number', scene.camera[name], (text) => set('camera', { ...scene.camera, [name]: Number(text) }));
  const zoom = input('number', scene.camera.zoom, (text) => set('camera', { ...scene.camera, zoom: text === '' ? null : Number(text) }));
  const measures = /** @type {[string, string][]} */ ([['', say('as_wall')], ...Object.entries(given().measures)]);
  const measure = choice(measures, scene.measure);
  measure.addEventListener('change', () => set('measure', measure.value));
  const playlist = input('text', scene.playlist, (text) => set('playlist', text.trim() || 'day'));
  playlist.setAttribute('list', 'playlists');
  const names = element('datalist');
  names.id = 'playlists';
  names.append(...playlists(draft).map((value) => Object.assign(element('option'), { value })));
  return box(
    'div',
    'walls-form walls-scene-form',
    field(say('name'), input('text', scene.name, (text) => set('name', text))),
    field(say('name_en'), input('text', scene.name_en, (text) => set('name_en', text))),
    areaField(scene, (code) => set('area', code)),
    field(say('zone'), input('text', scene.zone, (text) => set('zone', text.trim() || null))),
    box('div', '', field(say('playlist'), playlist), names),
    field(say('dwell'), input('number', scene.dwell_s, (text) => set('dwell_s', Number(text)))),
    field(say('measure'), measure),
    ticks('layers', given().layers, scene.layers, (layers) => set('layers', layers)),
    ticks('panels', given().panels, scene.panels, (panels) => set('panels', panels)),
    field(say('zoom'), zoom),
    field(say('pitch'), camera('pitch')),
    field(say('bearing'), camera('bearing')),
    field(say('orbit'), camera('orbit_deg_per_s')),
  );
}

/**
 * Boxes to tick; none ticked leaves it to the wall.
 *
 * @param {string} title
 * @param {Record<string, string>} known
 * @param {string[]} chosen
 * @param {(chosen: string[]) => void} changed
 */
function ticks(title, known, chosen, changed) {
  const made = Object.entries(known).map(([name, text]) => ({ name, ...tick(text, chosen.includes(name)) }));
  const hear = () => changed(made.filter((one) => one.input.checked).map((one) => one.name));
  made.forEach((one) => one.input.addEventListener('change', hear));
  return box('fieldset', 'walls-ticks', element('legend', '', say(title)), ...made.map((one) => one.label));
}

/**
 * The area by its code, found by its name.
 *
 * @param {DraftScene} scene
 * @param {(code: string) => void} changed
 */
function areaField(scene, changed) {
  const found = element('div', 'walls-found');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let turn = 0;
  const made = input('text', scene.area, (text) => {
    changed(text.trim());
    clearTimeout(waiting);
    waiting = setTimeout(() => void seek(text.trim()), SEARCH_MS);
  });
  const seek = async (/** @type {string} */ q) => {
    const mine = ++turn;
    if (!q) return found.replaceChildren();
    const { body } = await get('/api/search', new URLSearchParams({ q, city: given().city, kind: 'area', limit: '6' }));
    if (mine !== turn) return;
    found.replaceChildren(...(body?.results ?? []).map((/** @type {any} */ one) => {
      const take = () => {
        made.value = one.code;
        changed(one.code);
        found.replaceChildren();
      };
      return button(`${inLanguage(one.title, one.title_en)} · ${one.code}`, take, 'walls-scene');
    }));
  };
  return box('div', '', field(say('area'), made), found);
}
