/** Where a new case is: an address that is found by typing, coordinates of any usual datum, or a click on the map. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { inLanguage, say } from '../facts.js';
import { icon } from '../icons.js';
import { get } from '../server.js';
import { Combobox } from './combobox.js';
import { DATUMS, readCoordinates } from './coordinates.js';

const TYPING_MS = 200;
const KINDS = ['building', 'facility', 'area'];
const GLYPHS = { building: 'area', facility: 'place', area: 'all', place: 'place' };
const MOST = '12';

/**
 * @typedef {{kind: string, code: string | null, title: string, title_en: string, subtitle: string, subtitle_en: string, lon: number | null, lat: number | null}} Found
 * @typedef {import('./draft_store.js').Place} Place
 */

export class PlaceField {
  /** @param {(place: Place | null) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Place | null} */
    this.place = null;
    this.asking = new AbortController();
    this.combobox = /** @type {Combobox<Found>} */ (new Combobox({
      name: 'place',
      label: say('column_place'),
      placeholder: say('type_place'),
      show: (one) => [
        icon(GLYPHS[/** @type {'area'} */ (one.kind)] ?? 'place', 18),
        box(
          'span',
          'suggestion-words',
          element('b', '', inLanguage(one.title, one.title_en)),
          element('span', 'dim', inLanguage(one.subtitle, one.subtitle_en)),
        ),
      ],
      text: (one) => inLanguage(one.title, one.title_en),
      take: (one) => this.take(one),
      typed: (text) => this.typed(text),
      told: (n) => say('n_found', { n }),
      isSettled: (text) => text === '' || this.place !== null,
    }));
    this.datum = document.createElement('select');
    this.datum.id = 'entry-datum';
    this.datum.setAttribute('aria-label', say('datum'));
    this.datum.append(...DATUMS.map((name) => {
      const one = document.createElement('option');
      one.value = name;
      one.textContent = say(`datum_${name}`);
      return one;
    }));
    this.datum.hidden = true;
    this.datum.addEventListener('change', () => this.takeCoordinates());
    this.words = element('p', 'entry-words');
    this.words.id = 'entry-place-words';
    this.host = box('div', 'entry-place', box('div', 'entry-line', this.combobox.host, this.datum), this.words);
    this.combobox.input.addEventListener('blur', () => this.takeCoordinates());
  }

  /** @param {Place | null} place @param {string} text */
  begin(place, text) {
    this.place = place;
    const { input } = this.combobox;
    input.placeholder = say(document.querySelector('#desk.no-map') ? 'type_place' : 'type_place_or_click');
    input.value = text;
    this.datum.value = place?.datum ?? 'wgs84';
    this.datum.hidden = !readCoordinates(text);
    this.say('');
  }

  get text() {
    return this.combobox.input.value;
  }

  /** Say where that is, in words. @param {string} text @param {string} [kind] */
  say(text, kind = '') {
    this.words.textContent = text;
    this.words.className = `entry-words ${kind}`;
  }

  /** @param {string} text */
  typed(text) {
    const coordinates = readCoordinates(text);
    this.datum.hidden = !coordinates;
    clearTimeout(this.timer);
    this.asking.abort();
    if (coordinates) return this.combobox.offer([this.pointOf(coordinates)]);
    if (text.trim() === '') {
      this.combobox.close();
      if (this.place) this.set(null);
      return;
    }
    this.timer = setTimeout(() => void this.seek(text), TYPING_MS);
  }

  /** @param {string} text */
  async seek(text) {
    const { signal } = this.asking = new AbortController();
    const query = new URLSearchParams({ q: text.slice(0, 100), city: area().city, limit: MOST });
    KINDS.forEach((kind) => query.append('kind', kind));
    const answer = await get('/api/search', query, signal).catch(() => null);
    if (signal.aborted || !answer || document.activeElement !== this.combobox.input) return;
    const found = answer.ok ? answer.body.results : [];
    this.combobox.offer(found);
    if (!found.length) this.combobox.told.textContent = say('no_place_found');
    if (!found.length && !this.place) this.say(say('no_place_found'), 'dim');
  }

  /** @param {{lon: number, lat: number}} point @returns {Found} */
  pointOf({ lon, lat }) {
    const title = `${lat}, ${lon}`;
    const under = say('use_coordinates', { datum: say(`datum_${this.datum.value}`) });
    return { kind: 'place', code: null, title, title_en: title, subtitle: under, subtitle_en: under, lon, lat };
  }

  /** @param {Found} one */
  take(one) {
    if (one.kind === 'place') return this.takeCoordinates();
    if (one.kind === 'area') return this.set({ area: one.code ?? '' });
    if (one.lon === null || one.lat === null) return;
    this.set({ lon: one.lon, lat: one.lat, datum: 'wgs84', address: one.title });
  }

  takeCoordinates() {
    const point = readCoordinates(this.text);
    if (!point) return;
    const { place } = this;
    const datum = this.datum.value;
    if (place && place.lon === point.lon && place.lat === point.lat && place.datum === datum) return;
    this.set({ ...point, datum });
  }

  /** Somebody clicked on a map. @param {import('./place_picking.js').Picked} picked */
  pick({ lon, lat, address }) {
    const [east, north] = [Number(lon.toFixed(6)), Number(lat.toFixed(6))];
    this.combobox.input.value = address ?? `${north}, ${east}`;
    this.combobox.close();
    this.datum.value = 'wgs84';
    this.datum.hidden = address !== undefined;
    this.set({ lon: east, lat: north, datum: 'wgs84', ...(address ? { address } : {}) });
  }

  /** @param {Place | null} place */
  set(place) {
    this.place = place;
    this.changed(place);
  }
}
