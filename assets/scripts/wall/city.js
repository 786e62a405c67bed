/** The city behind the figures: the product's own map, with overdue cases as lights. It is made once, and stays until the page ends. */

import { element, reducedMotion, required } from '../dom.js';
import { facts, say } from '../desk/facts.js';
import { map } from '../map/grid_map.js';
import { ALONE } from '../page/presence.js';
import { box, redraw } from './parts.js';

/** @typedef {{title: string, classes: [string, string][], breaks: string[], span: string, note: string}} Legend */
/**
 * What is shown: an area or zone, the measure of its colours, and how the camera sees it.
 *
 * @typedef {{area: string | null, measure?: string | null, camera?: {zoom: number | null, pitch: number, bearing: number}}} Scene
 */

const PULSE_MS = 6000;
/** New cases pulse at most so many at once: more would be a glitter. */
const MOST_PULSES = 12;
/** Lights in units: the core of a serious and of another case, and soft rings around both, and around serious ones alone. */
const CORES = { serious: 0.5, other: 0.36 };
const HALO = /** @type {const} */ ([0.8, 44]);
const RING = /** @type {const} */ ([1.6, 34]);

export class City {
  constructor() {
    /** @type {{spec: Spec, legend: Legend} | null} */
    this.ground = null;
    /** @type {WallLitCell[]} */
    this.lit = [];
    this.unit = 10;
    this.asked = new AbortController();
    map.tell = (name) => {
      if (name === 'webgl') this.missing();
    };
  }

  /** @param {Scene} scene */
  async show({ area, measure = null, camera }) {
    this.asked.abort();
    const { signal } = this.asked = new AbortController();
    const query = new URLSearchParams({ lang: facts().lang });
    if (area) query.set('area', area);
    if (measure) query.set('measure', measure);
    const answer = await fetch(`/wall/map?${query}`, { headers: ALONE, signal: AbortSignal.any([signal, AbortSignal.timeout(60000)]) });
    if (!answer.ok) throw new Error(`map: ${answer.status}`);
    this.ground = aimed(await answer.json(), camera);
    this.paint();
  }

  /** Overdue cases stay lit. @param {WallFigures['overdue']} cells */
  light(cells) {
    const lit = cells ?? [];
    if (JSON.stringify(lit) === JSON.stringify(this.lit)) return;
    this.lit = lit;
    this.paint();
  }

  /** @param {number} unit Pixels. */
  resize(unit) {
    this.unit = unit;
    this.paint();
  }

  paint() {
    if (!this.ground) return;
    const { spec, legend } = this.ground;
    void map.show({ ...spec, layers: [...spec.layers, ...this.lights()] });
    paintLegend(legend, this.lit.length > 0);
  }

  lights() {
    const of = (/** @type {string} */ name) => ({ '@@function': 'field', name });
    const row = (/** @type {WallLitCell} */ one, /** @type {number} */ size) => ({
      p: [one.lon, one.lat, 10],
      r: size * this.unit * (1 + 0.12 * Math.min(5, one.n - 1)),
    });
    const layer = (/** @type {string} */ id, /** @type {unknown[]} */ data, /** @type {number} */ alpha) => ({
      '@@type': 'ScatterplotLayer',
      id,
      data,
      getPosition: of('p'),
      getRadius: of('r'),
      radiusUnits: 'pixels',
      billboard: true,
      getFillColor: { '@@function': 'ink', token: 'map-glow', alpha },
    });
    const rows = (/** @type {boolean} */ serious, /** @type {number} */ size) =>
      this.lit.filter((one) => Boolean(one.serious) === serious).map((one) => row(one, size));
    return [
      layer('fg-lit-ring', rows(true, RING[0]), RING[1]),
      layer('fg-lit-halo', [...rows(true, HALO[0]), ...rows(false, HALO[0])], HALO[1]),
      layer('fg-lit', rows(false, CORES.other), 235),
      layer('fg-lit-serious', rows(true, CORES.serious), 255),
    ];
  }

  /** Where new cases are, something pulses for a moment. @param {WallNewCase[]} cases */
  pulse(cases) {
    if (!map.camera) return;
    const host = required('#pulses');
    for (const { lon, lat } of cases.slice(0, MOST_PULSES)) {
      if (lon === null || lat === null) continue;
      const [x, y] = map.project(lon, lat);
      if (!(x > 0 && y > 0 && x < innerWidth && y < innerHeight)) continue;
      const ring = element('i', '');
      ring.style.left = `${x}px`;
      ring.style.top = `${y}px`;
      host.append(ring);
      setTimeout(() => ring.remove(), PULSE_MS);
    }
  }

  /** Turn the camera a little. @param {number} degrees */
  turn(degrees) {
    if (!map.camera || !map.deck || reducedMotion() || map.moving) return;
    const { longitude, latitude, zoom, pitch, bearing } = map.camera;
    map.moved({ longitude, latitude, zoom, pitch, bearing: (bearing + degrees) % 360, transitionDuration: 0 });
  }

  /** The figures do without a map. */
  missing() {
    redraw(required('#legend'), 'missing', () => [box('p', '', say('lost_map'))]);
  }
}

/** @param {Legend} legend @param {boolean} withDots */
function paintLegend(legend, withDots) {
  redraw(required('#legend'), [legend, withDots], () => {
    const ramp = legend.classes.map(([color]) => {
      const made = element('i', '');
      made.style.background = color;
      return made;
    });
    const ticks = legend.breaks.map((text, n) => {
      const made = element('span', '', text);
      made.style.left = `${((n + 1) / legend.classes.length) * 100}%`;
      return made;
    });
    const scale = box('div', '', box('p', '', legendTitle(legend)), box('div', 'ramp', ...ramp), box('div', 'ticks', ...ticks));
    const serious = box('span', '', box('i', ''), say('serious_dots'));
    const dots = box('div', 'dots', box('span', '', box('i', 'small'), say('overdue_dots')), serious);
    return withDots ? [scale, dots] : [scale];
  });
}

/** @param {Legend} legend */
const legendTitle = ({ title, span }) => [title, span].filter(Boolean).join(facts().lang === 'zh' ? '，' : ', ');

/**
 * The ground seen by a scene's camera; a zoom of its own comes nearer than the whole area.
 *
 * @param {{spec: Spec, legend: Legend}} ground
 * @param {Scene['camera']} camera
 */
function aimed({ spec, legend }, camera) {
  if (!camera) return { spec, legend };
  const { pitch, bearing, zoom } = camera;
  const key = `${spec.camera.key} ${pitch} ${bearing} ${zoom}`;
  const [west, south, east, north] = spec.camera.box ?? [0, 0, 0, 0];
  const middle = { longitude: (west + east) / 2, latitude: (south + north) / 2, pitch, bearing };
  const exact = zoom === null ? {} : { exact: { ...middle, zoom } };
  return { spec: { ...spec, camera: { ...spec.camera, key, pitch, bearing, ...exact } }, legend };
}
