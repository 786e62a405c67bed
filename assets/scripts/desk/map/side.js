/** The map beside the list: it shows what the list shows, and what is selected in either is selected in both. */

import { required } from '../../dom.js';
import { onStop, part } from '../../lifecycle.js';
import { map } from '../../map/grid_map.js';
import { go, onState, state } from '../address.js';
import { area } from '../city.js';
import { cases, onDesk } from '../desk.js';
import { say } from '../facts.js';
import { onHeard } from '../following.js';
import { onWaiting } from '../live/waiting.js';
import { get, sentenceOf } from '../server.js';
import { Card, inPassing } from './card.js';
import { isDrawing, toggleDrawing } from './drawing.js';
import { beginFrame, isShown, paintFrame, paintLegend, paintMissing, paintShown } from './frame.js';
import { beginMapKeys } from './map_keys.js';
import { Places } from './places.js';
import { readRing } from './polygon.js';
import { followTheme } from './scheme.js';
import { clickedAt, followWantedPlace, takesClicks, wantedLayers } from './wanted_place.js';

/** What happens is drawn together, not event by event. */
const LIVE_MS = 500;
/** Deadlines pass all the time; colours of areas change slowly. */
const RENEW_MS = 30000;
const GROUND_MS = 300000;
/** A pin so near to the edge counts as out of sight. */
const EDGE_PX = 16;
/** Room for the "+n" of each pin, in parts of its size. */
const PIN_ROOM = 0.9;
/** Steps after which a case may stand elsewhere. */
const MOVES = ['move', 'undo'];

/** What the server says of the map without its cases. @type {{spec: Spec, legend: import('./frame.js').LegendTold} | null} */
let ground = null;
let groundAt = 0;
let renewedAt = 0;
let asking = new AbortController();
const places = new Places();
/** @type {Card} */
let card;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Whether the list of the address was asked for while the map was not wanted. */
let waiting = true;

export const side = part((signal) => {
  followTheme(signal);
  beginFrame(toggleDrawing);
  beginMapKeys(signal);
  card = new Card();
  map.tell = told;
  paintFrame();
  onDesk((what) => (what === 'list' ? showList() : showSelected()));
  onState((now, before) => {
    paintFrame();
    if (now.dim !== before.dim || now.measure !== before.measure) {
      ground = null;
      if (isShown() && !waiting) void showGround();
    }
    if (now.map !== before.map && isShown()) appear();
  });
  onHeard(hear);
  onWaiting((now) => {
    if (now === null || !places.older) return;
    places.forget();
    paintShown(null);
    paintSelected();
  });
  followWantedPlace((place) => {
    void paint();
    if (place && map.camera && isShown()) map.bringIntoSight(place, partInSight());
  }, signal);
  const watch = new ResizeObserver(() => {
    paintFrame();
    if (isShown() && (waiting || !ground)) appear();
  });
  watch.observe(document.body);
  watch.observe(required('#toolrow'));
  onStop(signal, () => {
    watch.disconnect();
    clearTimeout(timer);
    map.stop();
  });
});

// ---- What is shown ----

/** Another list: its pins, and the ground of its area. */
function showList() {
  waiting = !isShown() || area().code === '';
  if (waiting) return;
  if (ground?.spec.area.code !== area().code) void showGround();
  void showPlaces();
}

/** The map is wanted again: meanwhile there may be another list, other dimensions, or another selected case. */
function appear() {
  if (waiting) return showList();
  if (!ground) void showGround();
  showSelected();
}

async function showPlaces() {
  const wrong = await places.ask();
  if (wrong === null) return;
  paintShown(places.told);
  showSelected();
}

/** The areas with their colours, in the address's dimensions. */
async function showGround() {
  asking.abort();
  const { signal } = asking = new AbortController();
  const { dim, measure } = state();
  const query = new URLSearchParams({ area: area().code, dim });
  if (measure) query.set('measure', measure);
  const answer = await get('/desk/map', query, signal).catch(() => null);
  if (!answer || signal.aborted) return;
  if (!answer.ok) return tellMissing(sentenceOf(answer, say('failed')));
  tellMissing('');
  ground = answer.body;
  groundAt = performance.now();
  paintLegend(answer.body.legend);
  paintShown(places.told);
  await paint();
  // The first camera shows the whole area; the selected case may stand out of sight of it.
  bringIntoSight();
}

/** @param {string} sentence */
function tellMissing(sentence) {
  const told = required('#beside-missing');
  if (required('#beside').classList.contains('undrawable')) return;
  told.textContent = sentence;
  told.hidden = sentence === '';
}

/** The drawn polygon as layers of the map, kept while it is the same. @type {{text: string | null, layers: any[]}} */
let drawn = { text: null, layers: [] };

/** @param {string | null} text */
function polygonLayers(text) {
  if (drawn.text === text) return drawn.layers;
  const ring = text ? readRing(text) : [];
  const ink = (/** @type {number} */ alpha) => ({ '@@function': 'ink', token: 'accent', alpha });
  const of = (/** @type {string} */ name) => ({ '@@function': 'field', name });
  const data = [{ ring, path: [...ring, ring[0]] }];
  const layers = ring.length
    ? [
      { '@@type': 'SolidPolygonLayer', id: 'within', data, getPolygon: of('ring'), getFillColor: ink(26) },
      { '@@type': 'PathLayer', id: 'within-line', data, getPath: of('path'), getColor: ink(255), getWidth: 2.5, widthUnits: 'pixels' },
    ]
    : [];
  drawn = { text, layers };
  return layers;
}

/** Draw the map as everything stands now; ends when it is drawn for the first time. */
function paint() {
  if (!ground || !isShown()) return Promise.resolve();
  const { spec } = ground;
  const { selected } = cases();
  const data = places.pins();
  const layers = spec.layers.flatMap((layer) =>
    layer['@@type'] === 'IncidentPins' ? [...polygonLayers(state().within), { ...layer, data, fromZoom: 0, room: PIN_ROOM }] : [layer]
  );
  return map.show({ ...spec, layers: [...layers, ...wantedLayers()], picked: { building: null, incident: selected } });
}

// ---- What is selected ----

/** The selected case: its pin, its card, and the camera only where the pin is out of sight. */
function showSelected() {
  if (!isShown()) return;
  places.include(cases().selected);
  paintSelected();
  // When the drawer opens, the map gets another size, of which it hears with the next frame.
  requestAnimationFrame(() => requestAnimationFrame(bringIntoSight));
}

/** The camera moves only where the selected pin is out of sight. */
function bringIntoSight() {
  const place = places.find(cases().selected);
  if (place && map.camera && isShown() && !isDrawing()) map.bringIntoSight(place, partInSight());
}

/** Draw pins and card as everything stands now; the camera stays where it is. */
function paintSelected() {
  const { selected, pages } = cases();
  const place = places.find(selected);
  const row = selected === null ? null : pages.find(selected) ?? place;
  card.show(state().case === null ? row : null, place !== null);
  void paint();
}

/** The part of the map that neither drawer nor card nor the buttons cover, in its pixels. @returns {Box} */
function partInSight() {
  const whole = map.root.getBoundingClientRect();
  const scale = map.root.clientWidth / whole.width;
  const drawer = required('#drawer');
  const right = drawer.hidden ? whole.right : Math.min(whole.right, drawer.getBoundingClientRect().left);
  const bottom = card.host.hidden ? whole.bottom : card.host.getBoundingClientRect().top;
  const top = Math.min(whole.height / 3, 120);
  const edge = Math.min(EDGE_PX, Math.max(0, right - whole.left) / 4);
  return [edge, top, (right - whole.left) * scale - edge, (bottom - whole.top) * scale - 8];
}

/** @param {string} number */
function select(number) {
  const table = cases();
  const place = table.pages.places.get(number);
  table.select(number);
  if (place === undefined) {
    required('#told').textContent = say('not_read_yet');
    return go({ case: number });
  }
  table.api?.ensureIndexVisible(place);
  if (state().case !== null) go({ case: number }, { replace: true });
}

// ---- What the map and the server tell ----

/** @param {string} name @param {any} data */
function told(name, data) {
  if (name === 'webgl') return paintMissing();
  if (name === 'camera') return document.documentElement.style.setProperty('--bearing', `${-(data.bearing || 0)}deg`);
  if (name !== 'pick' || isDrawing()) return;
  if (takesClicks()) return clickedAt(data);
  if (data.kind === 'incident') select(data.key);
  else if (data.kind === 'area' && data.code !== area().code) {
    go({ area: data.code, queue: state().queue === 'all' ? 'area' : state().queue });
  }
}

/** @param {import('../../live/stream.js').News} news */
function hear({ kind, body }) {
  if (!isShown()) return;
  if (kind === 'case' && body.city === area().city) {
    const { number, stage, state: now, severity, category, version } = body;
    if (places.patch(number, { stage, state: now, severity, category, version })) later();
    if (MOVES.includes(body.step) && places.find(number)) void readPlace(number);
  }
  if (kind === 'reset' || (kind === 'figures' && performance.now() - renewedAt > RENEW_MS)) void renew();
  if (kind === 'figures' && ground && performance.now() - groundAt > GROUND_MS) void showGround();
}

function later() {
  timer ??= setTimeout(() => {
    timer = undefined;
    paintSelected();
  }, LIVE_MS);
}

async function renew() {
  renewedAt = performance.now();
  if (await places.renew()) later();
}

/** @param {string} number */
async function readPlace(number) {
  const answer = await get(`/api/cases/${encodeURIComponent(number)}`, inPassing()).catch(() => null);
  const known = places.find(number);
  if (!answer?.ok || !known) return;
  const { lon, lat } = answer.body.case;
  if (lon === null || (lon === known.lon && lat === known.lat)) return;
  places.patch(number, { lon, lat });
  later();
}
