/** The wall: asks for its figures when they changed, shows them, and never stops. */

import { required } from '../dom.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { noteFailure } from '../failures.js';
import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { map } from '../map/grid_map.js';
import { ALONE } from '../page/presence.js';
import { Asking } from './asking.js';
import { City } from './city.js';
import { dayInWords, readCity, ServerClock } from './clock.js';
import { paintKeyFigures } from './key_figures.js';
import { paintPanels } from './panels.js';
import { whole, write } from './parts.js';
import { answersWithPage, Reloading } from './reload.js';
import { choose, covered, fitScreen, readScreen } from './screen.js';
import { STAY_MS, Ticker } from './ticker.js';

const TICK_MS = 1000;
/** Areas change their colours slowly. */
const GROUND_MS = 300000;
const GROUND_AGAIN_MS = 15000;
/** A pause between two ticks so long means that the page slept. */
const SLEPT_MS = 15000;
/** The browser's two clocks go apart so far only where the machine slept, or somebody set its clock. */
const APART_MS = 1500;
const apart = () => Date.now() - performance.now();
const PATIENCE_MS = 20000;
/** Names on the map are as large as the smallest text, and a little more; this is their size in the specification. */
const NAME_UNITS = 2.6;
const NAME_PX = 17;

class Wall {
  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.clock = new ServerClock();
    this.city = new City();
    this.ticker = new Ticker();
    this.reloading = new Reloading(/** @type {any} */ (facts()).version);
    this.asking = new Asking(() => this.ask());
    /** What the wall shows now. @type {import('./city.js').Scene} */
    this.scene = { area: new URLSearchParams(location.search).get('area') };
    /** @type {WallFigures | null} */
    this.told = null;
    /** New cases that were seen before. @type {Set<string> | null} */
    this.known = null;
    this.groundDue = 0;
    this.tickedAt = performance.now();
    this.apart = apart();
    this.swappedAt = this.tickedAt;
    this.askedDay = '';
    this.begin(signal);
  }

  /** @param {AbortSignal} signal */
  begin(signal) {
    this.fit();
    addEventListener('resize', () => this.fit(), { signal });
    const leave = connect((news) => this.hear(news), signal);
    const wake = () => this.wake();
    for (const type of ['pageshow', 'online']) addEventListener(type, wake, { signal });
    for (const type of ['resume', 'visibilitychange']) document.addEventListener(type, wake, { signal });
    addEventListener('keydown', () => this.reloading.touch(), { signal });
    const timer = setInterval(() => this.tick(), TICK_MS);
    onStop(signal, () => {
      leave();
      clearInterval(timer);
      this.asking.stop();
      map.stop();
    });
    this.asking.now();
    this.tick();
  }

  // ---- The server ----

  /** @param {import('../live/stream.js').News} news */
  hear({ kind, body, since = Date.now() }) {
    if (kind === 'live') this.asking.listen(true);
    else if (kind === 'lost') this.asking.listen(false, performance.now() - (Date.now() - since));
    else if (kind === 'reset') this.asking.doubt();
    else if (kind === 'ready') this.asking.begin(body.versions);
    else if (body?.versions) this.asking.hear(body.versions);
  }

  async ask() {
    const { area } = this.scene;
    const query = new URLSearchParams({ lang: facts().lang });
    if (area) query.set('area', area);
    const sent = performance.now();
    // A wall asks by itself: that nobody is there does not keep a person's session in use.
    const answer = await fetch(`/api/wall/figures?${query}`, { headers: ALONE, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 401) this.signedOut();
    if (!answer.ok) throw new Error(`figures: ${answer.status}`);
    const told = /** @type {WallFigures} */ (await answer.json());
    this.clock.take(Number(answer.headers.get('X-Gridwell-Time')), (sent + performance.now()) / 2);
    this.reloading.hear(answer.headers.get('X-Gridwell-Page'));
    if (area === this.scene.area) this.take(told);
    return told;
  }

  /**
   * The display may not show anything any more; the server's own page says so, and loads again by itself. Until the server answers, what is
   * shown stays: the browser's own page of errors would stay for good.
   */
  signedOut() {
    this.asking.stop();
    const look = async () => {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html', ...ALONE } }).catch(() => null);
      if (answer) location.reload();
      else setTimeout(look, GROUND_AGAIN_MS);
    };
    setTimeout(look, GROUND_AGAIN_MS);
  }

  /** Whatever happened meanwhile was not heard. */
  wake() {
    if (document.visibilityState === 'hidden') return;
    this.asking.doubt(this.tickedAt); // a page that slept has not ticked
    this.tick();
  }

  // ---- Showing ----

  /**
   * Show something else: the camera flies there, and the figures follow.
   *
   * @param {import('./city.js').Scene} scene
   */
  show(scene) {
    const { area, measure, camera } = this.scene;
    if (JSON.stringify([area, measure, camera]) === JSON.stringify([scene.area, scene.measure, scene.camera])) return;
    const moved = area !== scene.area;
    this.scene = scene;
    this.groundDue = 0;
    if (moved) {
      this.known = null;
      this.asking.askedAt = -Infinity; // of this scene nothing was asked yet
      this.asking.doubt();
    }
  }

  /** @param {WallFigures} told */
  take(told) {
    const before = this.told;
    this.told = told;
    this.paint();
    this.city.light(told.overdue);
    this.pulse(told, before);
  }

  /** @param {WallFigures} told @param {WallFigures | null} before */
  pulse({ area, cases }, before) {
    const ids = (cases ?? []).map((one) => one.id);
    if (this.known && before?.area.code === area.code) this.city.pulse((cases ?? []).filter((one) => !this.known?.has(one.id)));
    // Only what the ticker still holds can come again.
    this.known = new Set(ids);
  }

  paint() {
    const { told } = this;
    if (!told) return;
    const here = readCity(this.clock.now(), told.timezone);
    const present = told.current;
    const words = present ? '' : dayInWords(Date.parse(`${told.today}T12:00:00Z`), 'UTC', facts().lang).split('\n')[0];
    write(required('#title'), say('title', { area: inLanguage(told.area.name, told.area.name_en) }));
    this.paintAbout(told);
    paintKeyFigures(told, words);
    paintPanels(told, here.hour, present);
    this.ticker.take(told.cases, told.today, (at) => readCity(Date.parse(at), told.timezone));
    const hazard = required('#hazard');
    hazard.hidden = told.hazard === null;
    write(hazard, told.hazard ?? '');
    this.drop();
  }

  /** @param {WallFigures} told */
  paintAbout(told) {
    const counts = told.levels.filter((one) => one.level !== 'community' && (one.name || one.name_en)).map((one) => countOf(one));
    const { total } = told.residents;
    const parts = [...counts, ...(total === null ? [] : [say('residents', { n: whole(total) })])];
    const time = readCity(Date.parse(told.as_of), told.timezone).time;
    write(required('#about'), [...parts, say('updated', { time })].join(' · '));
  }

  /** Each second: the clock, the day, the age of the figures, and what is due. */
  tick() {
    const ticks = performance.now();
    const slept = ticks - this.tickedAt > SLEPT_MS || Math.abs(apart() - this.apart) > APART_MS;
    if (slept) this.asking.doubt(this.tickedAt);
    this.tickedAt = ticks;
    this.apart = apart();
    this.paintClock();
    this.paintAge();
    if (ticks - this.swappedAt > STAY_MS) {
      this.swappedAt = ticks;
      this.ticker.next();
    }
    if (ticks >= this.groundDue) void this.renewGround();
    void this.reloading.tick(answersWithPage);
  }

  paintClock() {
    const timeZone = this.told?.timezone;
    if (!timeZone || !this.clock.known) return;
    const now = this.clock.now();
    const here = readCity(now, timeZone);
    write(required('#time'), here.time);
    write(required('#date'), dayInWords(now, timeZone, facts().lang));
    if (!this.told?.current || here.day === this.told.today) return;
    // The city's day is over: its figures are of yesterday until the server has told the new ones.
    if (this.askedDay !== here.day) write(required('[data-figure="today"] .wall-value span'), '–');
    this.askedDay = here.day;
    this.asking.doubt();
  }

  paintAge() {
    const age = this.asking.age();
    const line = required('#stale');
    line.hidden = age === null;
    if (age === null || !this.told) return;
    const time = readCity(this.clock.now() - age, this.told.timezone).time;
    write(line, say('stale', { time, span: spanOf(age) }));
  }

  async renewGround() {
    this.groundDue = Infinity;
    try {
      await this.city.show(this.scene);
      this.groundDue = performance.now() + GROUND_MS;
    } catch (error) {
      noteFailure(error);
      this.groundDue = performance.now() + GROUND_AGAIN_MS;
    }
  }

  // ---- The screen ----

  fit() {
    const screen = fitScreen({ width: innerWidth, height: innerHeight }, readScreen(location.search));
    const root = document.documentElement;
    root.dataset.layout = screen.layout;
    root.toggleAttribute('data-bare', screen.bare);
    root.style.fontSize = `${screen.unit}px`;
    root.style.setProperty('--scale', String((NAME_UNITS * screen.unit) / NAME_PX));
    for (const [side, units] of Object.entries(covered(screen))) {
      required('#map').style.setProperty(`--map-${side}`, String(Math.max(0, units * screen.unit)));
    }
    this.city.resize(screen.unit);
    this.drop();
    if (this.told) this.ticker.paint();
  }

  /** On a narrow wall fewer things are shown, not smaller ones. */
  drop() {
    const bottom = required('#ticker').getBoundingClientRect().top;
    for (const [host, selector] of [['#key-figures', '.wall-figure'], ['#panels', '.wall-panel']]) {
      const column = required(host);
      const things = /** @type {HTMLElement[]} */ ([...column.querySelectorAll(selector)]);
      if (getComputedStyle(column).display === 'grid') continue;
      things.forEach((one) => (one.hidden = false));
      const room = bottom - column.getBoundingClientRect().top;
      const sizes = things.map((one, n) => ({ height: outerHeight(one), rank: Number(one.dataset.rank ?? n) }));
      choose(sizes, room).forEach((kept, n) => (things[n].hidden = !kept));
    }
  }
}

/** @param {HTMLElement} one */
function outerHeight(one) {
  const { marginTop } = getComputedStyle(one);
  return one.getBoundingClientRect().height + (parseFloat(marginTop) || 0);
}

/** @param {WallFigures['levels'][number]} one */
function countOf({ name, name_en, n }) {
  return say('count_of', { n: whole(n), things: facts().lang === 'en' ? plural(name_en, n) : name || name_en });
}

/** `Street or town` as in a sentence: `streets or towns`. @param {string} name @param {number} n */
export function plural(name, n) {
  const words = name.toLowerCase().split(' or ');
  return (n === 1 ? words : words.map((word) => (/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`))).join(' or ');
}

/** @param {number} ms */
function spanOf(ms) {
  if (ms < 60000) return say('seconds', { n: Math.round(ms / 1000) });
  if (ms < 3600000) return say('minutes', { n: Math.floor(ms / 60000) });
  return say('hours', { n: Math.floor(ms / 3600000) });
}

/** @type {Wall | null} */
let running = null;

/** Begins once; the page has only one. */
export const wall = part((signal) => {
  running = new Wall(signal);
  onStop(signal, () => (running = null));
});

/** The wall that runs, for the tour. */
export const current = () => running;
