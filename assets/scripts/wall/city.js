/** The city behind the figures: the product's own map, with overdue cases as lights. It is made once, and stays until the page ends. */

import { element, reducedMotion, required } from '../dom.js';
import { facts, say } from '../desk/facts.js';
import { noteFailure } from '../failures.js';
import { onStop } from '../lifecycle.js';
import { fit, plainCamera } from '../map/camera.js';
import { map } from '../map/grid_map.js';
import { Ahead, tilesIn } from './ahead.js';
import { Flying } from './flying.js';
import { Grounds, isWhole } from './grounds.js';
import { box, redraw } from './parts.js';
import { Director, FLIGHT_MS } from './tour/director.js';

/** @typedef {import('./grounds.js').Legend} Legend */
/** @typedef {import('./tour/shown.js').Shown} Shown */

const PULSE_MS = 6000;
/** New cases pulse at most so many at once: more would be a glitter. */
const MOST_PULSES = 12;
/** Lights in units: the core of a serious and of another case, and soft rings around both, and around serious ones alone. */
const CORES = { serious: 0.5, other: 0.36 };
const HALO = /** @type {const} */ ([0.8, 44]);
const RING = /** @type {const} */ ([1.6, 34]);
/** Around a case that breaks in. */
const FOUND = { radius: 4.2, width: 0.5 };
/** Share of a scene's box that fills the picture: its edge may leave it, so that no border of the map is seen. The server's maps have the same. */
const SHARE_SHOWN = 0.32;
/** Zooms of scenes and widths of lines are those of a picture whose unit is so many pixels; a larger one shows the same. */
const USUAL_UNIT = 10;
/** A map that could not be fetched, or drawn, is tried again after so long. */
const AGAIN_MS = 15000;
const REDRAW_MS = 60000;
/**
 * Colours and lights change in the middle of a flight, as long as the picture shows what it leaves; where the shapes of the next area are
 * not here by then, the old ones stay a little longer.
 */
const MIDDLE_MS = FLIGHT_MS / 2;
const SHAPES_MS = 3000;
const LOOK_MS = 100;

/** @param {number} ms @returns {Promise<void>} */
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

export class City {
  /**
   * @param {import('./tour/clock.js').ServerClock} clock
   * @param {import('./tour/address.js').Address} address
   * @param {AbortSignal} signal
   */
  constructor(clock, { part, wide }, signal) {
    this.clock = clock;
    this.share({ part, wide });
    this.grounds = new Grounds();
    this.ahead = new Ahead();
    this.director = new Director(between);
    this.flying = new Flying(clock, this.director, () => this.refit());
    /** @type {Shown | null} */
    this.shown = null;
    this.since = 0;
    /** @type {import('./grounds.js').Ground | null} */
    this.ground = null;
    /** @type {WallLitCell[]} */
    this.lit = [];
    /** Until when, by the server's clock, the picture shows what a flight leaves. */
    this.leavesUntil = -Infinity;
    /** Whether there is something that was not painted for that. */
    this.unpainted = false;
    this.unit = 10;
    /** When the ground is to be brought again, by `performance.now`. */
    this.due = Infinity;
    /** Whether the map cannot be drawn. */
    this.lost = false;
    map.tell = (name) => {
      if (name === 'webgl') this.lose();
    };
    this.flying.start(signal);
    onStop(signal, () => map.stop());
  }

  /** The canvas shows a part of a wide picture, or all of it. @param {Pick<import('./tour/address.js').Address, 'part' | 'wide'>} address */
  share({ part, wide }) {
    map.part = part && wide ? { index: part.no - 1, count: part.of } : null;
  }

  /** Fetch what comes next. @param {Shown} shown */
  prepare(shown) {
    void this.grounds.bring(shown.look).then((ground) => this.fetchTiles(shown, ground)).catch(noteFailure);
  }

  /** @param {Shown} shown @param {import('./grounds.js').Ground} ground */
  async fetchTiles(shown, ground) {
    const camera = this.target(shown, ground);
    if (!camera) return;
    await this.ahead.fetch(tilesIn(ground.spec.layers, map.view.makeViewport({ ...map.size, viewState: camera })));
  }

  /**
   * Show something: the camera flies there, and the map follows as soon as it is here.
   *
   * @param {Shown} shown
   * @param {number} since The camera turns since then, by the server's clock.
   * @param {number} at When the flight begins.
   */
  show(shown, since, at) {
    const before = this.shown;
    this.shown = shown;
    if (!before || before.card !== shown.card) this.paint();
    const same = before && JSON.stringify(before.sight) === JSON.stringify(shown.sight) && Math.abs(since - this.since) < 500;
    if (!same) {
      this.since = since;
      this.aim(at);
      this.leavesUntil = this.director.flies(this.clock.now()) ? at + MIDDLE_MS : -Infinity;
    }
    void this.bring();
  }

  /** Called each second. @param {number} ticks */
  tick(ticks) {
    // deck.gl may have given up without a word, as where the graphics driver gives no context any more.
    if (this.ground && !this.lost && !map.deck && !map.loading) this.lose();
    if (ticks >= this.due) void this.bring();
  }

  /** The maps that are here are of another time: ask for them again, and show them meanwhile. */
  renew() {
    this.grounds.expire();
    if (this.due < Infinity) this.due = -Infinity;
  }

  /** Show the ground of what is shown as soon as it is here, and again when it is old. */
  async bring() {
    const { shown } = this;
    if (!shown) return;
    this.due = Infinity;
    try {
      const ground = await this.grounds.bring(shown.look);
      const isNew = ground !== this.ground;
      if (isNew && this.ground && !this.lost) await this.untilLeft(ground);
      if (this.shown?.look !== shown.look) return;
      this.leavesUntil = -Infinity;
      this.ground = ground;
      if (isNew || this.lost || this.unpainted) this.paint();
      if (!this.director.target) this.aim(this.clock.now());
      this.due = performance.now() + (this.lost ? REDRAW_MS : this.grounds.freshMs(shown.look));
    } catch (error) {
      noteFailure(error);
      if (this.shown?.look !== shown.look) return;
      this.leavesUntil = -Infinity;
      if (this.unpainted) this.paint();
      this.due = performance.now() + AGAIN_MS;
    }
  }

  /** Wait until a flight has left what the picture shows, and the next shapes are here. @param {import('./grounds.js').Ground} next */
  async untilLeft(next) {
    await rest(Math.min(FLIGHT_MS, Math.max(0, this.leavesUntil - this.clock.now())));
    for (let waited = 0; waited < SHAPES_MS && !isWhole(next); waited += LOOK_MS) await rest(LOOK_MS);
  }

  // ---- The camera ----

  /**
   * Where the camera is to stand for what is shown; null before that is known.
   *
   * @param {Shown | null} [shown]
   * @param {import('./grounds.js').Ground | null} [ground]
   * @returns {Camera | null}
   */
  target(shown = this.shown, ground = this.ground) {
    if (!shown || !ground || !map.view || !map.deck) return null;
    const { pitch, bearing, zoom, at } = shown.sight;
    const { limits } = ground.spec.camera;
    const seen = shown.sight.box ? nearer(shown.sight.box) : ground.spec.camera.box;
    if (!seen) return null;
    if (zoom === null && !at) return fit(map.view, { box: seen, pitch, bearing, limits }, map.size, map.padding);
    const middle = at ?? [(seen[0] + seen[2]) / 2, (seen[1] + seen[3]) / 2];
    const nearest = Math.min(limits.maxZoom, (zoom ?? 16) + Math.log2(this.unit / USUAL_UNIT));
    return { longitude: middle[0], latitude: middle[1], zoom: Math.max(limits.minZoom, nearest), pitch, bearing };
  }

  /** @param {number} at */
  aim(at) {
    const target = this.target();
    if (!target || !this.shown) return;
    const still = reducedMotion();
    const from = map.camera && this.director.target && !still ? plainCamera(map.camera) : null;
    const turning = { orbit: still ? 0 : this.shown.sight.orbit, begin: this.since };
    this.director.aim(target, turning, from && { from, at });
    this.flying.wake();
  }

  /** The picture has another size, or the map was made anew. */
  refit() {
    const target = this.target();
    if (target && this.director.target) this.director.fit(target);
    else this.aim(this.clock.now());
  }

  /** Overdue cases stay lit. @param {WallFigures['overdue']} cells */
  light(cells) {
    const lit = cells ?? [];
    if (JSON.stringify(lit) === JSON.stringify(this.lit)) return;
    this.lit = lit;
    this.unpainted = this.clock.now() < this.leavesUntil;
    if (!this.unpainted) this.paint();
  }

  /** @param {number} unit Pixels. */
  resize(unit) {
    map.resized(); // what panels cover may be another part, though the page has the same size
    if (unit === this.unit) return;
    this.unit = unit;
    this.paint();
  }

  paint() {
    if (!this.ground) return;
    this.unpainted = false;
    const { spec, legend } = this.ground;
    // The camera is the director's: the map's own keeps out of it after its first look.
    const camera = { ...spec.camera, key: 'wall' };
    this.lost = false;
    const layers = spec.layers.map((one) => this.thickened(one));
    // Names stand over the lights.
    const names = layers.filter((one) => one['@@type'] === 'AreaLabels');
    const below = layers.filter((one) => !names.includes(one));
    void map.show({ ...spec, camera, layers: [...below, ...this.lights(), ...names] }).then(() => this.check());
    if (!this.lost) paintLegend(legend, this.showsLights && this.lit.length > 0);
    this.flying.wake();
  }

  /** Lines are as thick for the eye on every wall. @param {any} layer */
  thickened(layer) {
    const times = Math.max(1, this.unit / USUAL_UNIT);
    if (layer['@@type'] !== 'AreaLines' || times === 1) return layer;
    const { getWidth, haloWidth } = layer;
    return { ...layer, getWidth: getWidth * times, ...(haloWidth && { haloWidth: haloWidth * times }) };
  }

  /** The map stands there now, or could not be begun. */
  check() {
    if (!map.deck) this.lose();
    else if (!this.director.target) this.aim(this.clock.now());
  }

  /** A scene that names its layers may leave out the cases. */
  get showsLights() {
    const { layers = [] } = this.shown?.look ?? {};
    return !layers.length || layers.includes('incidents');
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
    const lit = this.showsLights ? this.lit : [];
    const rows = (/** @type {boolean} */ serious, /** @type {number} */ size) =>
      lit.filter((one) => Boolean(one.serious) === serious).map((one) => row(one, size));
    return [
      layer('fg-lit-ring', rows(true, RING[0]), RING[1]),
      layer('fg-lit-halo', [...rows(true, HALO[0]), ...rows(false, HALO[0])], HALO[1]),
      layer('fg-lit', rows(false, CORES.other), 235),
      layer('fg-lit-serious', rows(true, CORES.serious), 255),
      this.found(),
    ];
  }

  /** A ring around the cell of a case that breaks in. */
  found() {
    const { card = null } = this.shown ?? {};
    return {
      ...{ '@@type': 'ScatterplotLayer', id: 'fg-found', radiusUnits: 'pixels', billboard: true, lineWidthUnits: 'pixels' },
      ...{ filled: false, stroked: true, getLineWidth: FOUND.width * this.unit, getRadius: FOUND.radius * this.unit },
      data: card ? [{ p: [card.lon, card.lat, 10] }] : [],
      getPosition: { '@@function': 'field', name: 'p' },
      getLineColor: { '@@function': 'ink', token: 'map-glow', alpha: 255 },
    };
  }

  /** Where new cases are, something pulses for a moment. @param {WallNewCase[]} cases */
  pulse(cases) {
    if (!map.camera) return;
    const host = required('#pulses');
    for (const { lon, lat } of cases.slice(0, MOST_PULSES)) {
      if (lon === null || lat === null) continue;
      const [x, y] = map.project(lon, lat);
      if (!isFree(x, y)) continue;
      const ring = element('i', '');
      ring.style.left = `${x}px`;
      ring.style.top = `${y}px`;
      host.append(ring);
      setTimeout(() => ring.remove(), PULSE_MS);
    }
  }

  /** The figures do without a map. */
  lose() {
    this.lost = true;
    this.due = performance.now() + REDRAW_MS;
    redraw(required('#legend'), 'missing', () => [box('p', '', say('lost_map'))]);
  }
}

/** Whether a place of the page is one of the map that no panel covers. @param {number} x @param {number} y */
function isFree(x, y) {
  const { left, right, top, bottom } = map.padding;
  const { width, height } = map.size;
  const across = x - map.left;
  return x > 0 && x < innerWidth && across > left && across < width - right && y > top && y < height - bottom;
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

/** The middle of a box. @param {[number, number, number, number]} box @returns {[number, number, number, number]} */
function nearer([west, south, end, north]) {
  const east = end < west ? end + 360 : end;
  const [x, y] = [((east - west) * (1 - SHARE_SHOWN)) / 2, ((north - south) * (1 - SHARE_SHOWN)) / 2];
  return [west + x, south + y, east - x, north - y];
}

/** @type {any} */
let flight;

/** deck.gl's own flight: away from the ground, along, and down again. @param {Camera} from @param {Camera} to @param {number} t */
function between(from, to, t) {
  const { width, height } = map.size;
  flight ??= new deck.FlyToInterpolator();
  const made = flight.interpolateProps({ ...from, width, height }, { ...to, width, height }, t);
  return plainCamera(made);
}
