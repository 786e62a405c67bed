/** The wall: asks for its figures when they changed, shows them, and never stops. */

import { required } from '../dom.js';
import { facts, say } from '../desk/facts.js';
import { onStop, part } from '../lifecycle.js';
import { connect } from '../live/listening.js';
import { ALONE } from '../page/presence.js';
import { Asking } from './asking.js';
import { paintCard } from './card.js';
import { City } from './city.js';
import { dayInWords, readCity, readDay } from './clock.js';
import { dimTo, drop, fitPicture, markPart, shiftBy, showPanels } from './fitting.js';
import { paintHazard } from './hazard.js';
import { paintHead, spanOf } from './head.js';
import { paintKeyFigures } from './key_figures.js';
import { paintPanels } from './panels.js';
import { write } from './parts.js';
import { answersWithPage, Reloading, reloadWhenAnswered } from './reload.js';
import { STAY_MS, Ticker } from './ticker.js';
import { readAddress, withSettings } from './tour/address.js';
import { Beating, storeOf } from './tour/beating.js';
import { keepClock } from './tour/clock.js';
import { sendCommand } from './tour/commands.js';
import { hearDrafts } from './tour/drafts.js';
import { keptSettings } from './tour/heartbeat.js';
import { Touring } from './tour/touring.js';
import { brightnessAt, shiftAt } from './tour/tour.js';

/** @typedef {import('./tour/shown.js').Shown} Shown */

const TICK_MS = 1000;
/** A pause between two ticks so long means that the page slept. */
const SLEPT_MS = 15000;
/** The browser's two clocks go apart so far only where the machine slept, or somebody set its clock. */
const APART_MS = 1500;
const apart = () => Date.now() - performance.now();
const PATIENCE_MS = 20000;
/** Where the first figures take longer, the page says so. */
const MISSING_MS = 8000;
/** Figures of the next scene that were asked for before it began are good for so long. */
const AHEAD_MS = 12000;
/** Where figures do not come so soon after a scene began, older ones of its area are shown. */
const KEPT_AFTER_MS = 1500;
/** Figures of so many areas are kept for when the server is away. */
const MOST_KEPT = 32;

/** @typedef {{told: WallFigures, began: number}} Kept Figures, and when they were asked for. */

export class Wall {
  /** @param {AbortSignal} signal */
  constructor(signal) {
    const given = /** @type {any} */ (facts());
    const asked = readAddress(location.search);
    const tells = !asked.preview && (given.can.beat || (given.can.be_screen && asked.isScreen));
    /** What the server says of this screen; at first with the page itself, or what it said last. */
    this.settings = tells ? given.screen ?? keptSettings(storeOf(asked)) : null;
    /** What the address and the settings of the screen say. */
    this.address = this.settings ? withSettings(asked, this.settings) : asked;
    const { part, wide } = this.address;
    this.clock = keepClock(signal);
    this.city = new City(this.clock, this.address, signal);
    this.ticker = new Ticker(wide ? part : null);
    this.reloading = new Reloading(given.version);
    this.asking = new Asking(() => this.ask());
    const steer = given.can.steer && !asked.preview ? { wall: asked.wall, city: asked.city, csrf: given.csrf, lang: given.lang } : null;
    this.touring = new Touring({
      address: this.address,
      clock: this.clock,
      show: (shown, since, at) => this.show(shown, since, at),
      prepare: (shown) => this.prepare(shown),
      steer: steer ? (command) => void sendCommand(steer, command) : undefined,
    }, signal);
    /** @type {Beating | null} */
    this.beating = null;
    /** What the wall shows now. @type {Shown | null} */
    this.shown = null;
    /** @type {WallFigures | null} */
    this.told = null;
    /** The last good figures by area, those not shown for longest first. @type {Map<string | null, Kept>} */
    this.kept = new Map();
    /** Figures that come next. @type {{area: string | null, kept: Promise<Kept | null>} | null} */
    this.ahead = null;
    /** Shows them where new ones do not come soon. @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    /** @type {PromiseWithResolvers<void>} */
    this.begun = Promise.withResolvers();
    /** New cases that were seen before. @type {Set<string> | null} */
    this.known = null;
    /** The city's day, once the server's clock is known. */
    this.day = '';
    /** Why the server gives no figures, in its own words. */
    this.refusal = '';
    this.beganAt = performance.now();
    this.tickedAt = this.beganAt;
    this.apart = apart();
    this.swappedAt = this.tickedAt;
    /** Where there is something to tell of: not before. */
    this.beginBeating = () => tells ? new Beating(this, asked, given, signal) : null;
    this.begin(signal, asked);
  }

  /** @param {AbortSignal} signal @param {ReturnType<typeof readAddress>} asked */
  begin(signal, asked) {
    markPart(this.address);
    this.fit();
    addEventListener('resize', () => this.fit(), { signal });
    const leave = connect((news) => this.hear(news), signal);
    const wake = () => this.wake();
    for (const type of ['pageshow', 'online']) addEventListener(type, wake, { signal });
    for (const type of ['resume', 'visibilitychange']) document.addEventListener(type, wake, { signal });
    addEventListener('keydown', (event) => this.press(event), { signal });
    const timer = setInterval(() => this.tick(), TICK_MS);
    onStop(signal, () => {
      leave();
      clearInterval(timer);
      this.asking.stop();
      clearTimeout(this.waiting);
    });
    if (asked.preview === 'draft') hearDrafts((scene) => this.touring.showDraft(scene), signal);
    this.touring.begin();
    this.tick();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    this.reloading.touch();
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (this.touring.press(event.key)) event.preventDefault();
  }

  // ---- The server ----

  /** @param {import('../live/stream.js').News} news */
  hear(news) {
    const { kind, body, since = Date.now() } = news;
    this.touring.hear(news);
    if (kind === 'live') this.asking.listen(true);
    else if (kind === 'lost') this.asking.listen(false, performance.now() - (Date.now() - since));
    else if (kind === 'reset') this.asking.doubt();
    else if (kind === 'ready') this.asking.begin(body.versions);
    else if (body?.versions) this.asking.hear(body.versions);
  }

  /** @returns {Promise<{versions: Record<string, number>}>} */
  async ask() {
    await this.begun.promise;
    const area = this.shown?.area ?? null;
    const ahead = this.ahead?.area === area ? this.ahead : null;
    if (ahead) this.ahead = null;
    const ready = await ahead?.kept;
    const kept = ready && performance.now() - ready.began < AHEAD_MS ? ready : await this.fetchFigures(area, this.asking.awaited);
    this.kept.delete(area);
    this.kept.set(area, kept);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) break;
      this.kept.delete(oldest);
    }
    if (area !== (this.shown?.area ?? null)) throw new Error('the wall shows something else by now');
    this.take(kept.told);
    return kept.told;
  }

  /** @param {string | null} area @param {number} [heard] See `Asking.awaited`. @returns {Promise<Kept>} */
  async fetchFigures(area, heard = 0) {
    const query = new URLSearchParams({ lang: facts().lang, ...(heard && { heard: String(heard) }) });
    if (area) query.set('area', area);
    const began = performance.now();
    // A wall asks by itself: that nobody is there does not keep a person's session in use.
    const answer = await fetch(`/api/wall/figures?${query}`, { headers: ALONE, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 401) {
      this.asking.stop();
      reloadWhenAnswered();
    }
    this.refusal = answer.ok ? '' : await sentenceOf(answer);
    if (!answer.ok) throw new Error(`figures: ${answer.status}`);
    this.reloading.hear(answer.headers.get('X-Gridwell-Page'));
    return { told: /** @type {WallFigures} */ (await answer.json()), began };
  }

  /** Whatever happened meanwhile was not heard. */
  wake() {
    if (document.visibilityState === 'hidden') return this.beating?.end();
    this.beating?.note();
    this.doubt(this.tickedAt); // a page that slept has not ticked
    this.tick();
  }

  /** Nothing that was fetched before counts as new. @param {number} since By `performance.now`, which may have stood still. */
  doubt(since) {
    this.ahead = null;
    this.city.renew();
    this.asking.doubt(since);
  }

  // ---- Showing ----

  /**
   * Show something else: the camera flies there, and the figures follow.
   *
   * @param {Shown} shown
   * @param {number} since
   * @param {number} at
   */
  show(shown, since, at) {
    const before = this.shown;
    this.shown = shown;
    document.documentElement.dataset.scene = shown.key;
    this.city.show(shown, since, at);
    showPanels(shown.panels);
    drop();
    paintCard(shown);
    this.beating ??= this.beginBeating();
    this.beating?.note();
    if (!before || before.area !== shown.area) this.turnTo(shown.area);
    else this.paint();
  }

  /** Figures of another area; where they do not come soon, the last good ones. @param {string | null} area */
  turnTo(area) {
    this.known = null;
    this.asking.turn();
    this.begun.resolve();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const kept = this.kept.get(area);
      if (!kept) return;
      this.take(kept.told);
      this.asking.showOld(kept.began);
    }, KEPT_AFTER_MS);
  }

  /** Ask for what comes next. @param {Shown} shown */
  prepare(shown) {
    this.city.prepare(shown);
    if (shown.area !== this.shown?.area) this.ahead = { area: shown.area, kept: this.fetchFigures(shown.area).catch(() => null) };
  }

  /** @param {WallFigures} told */
  take(told) {
    clearTimeout(this.waiting);
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
    const here = readDay(told, this.clock);
    const present = told.current;
    const words = present ? '' : dayInWords(Date.parse(`${told.today}T12:00:00Z`), 'UTC', facts().lang).split('\n')[0];
    paintHead(told, this.shown);
    paintKeyFigures(told, words, here.isOver);
    paintPanels(told, here.isOver ? -1 : here.hour, present);
    if (this.shown) showPanels(this.shown.panels);
    this.ticker.take(told.cases, here.today, (at) => readCity(Date.parse(at), told.timezone));
    this.paintClock();
    drop();
  }

  /** Each second: the clock, the day, the age of the figures, and what is due. */
  tick() {
    const ticks = performance.now();
    const slept = ticks - this.tickedAt > SLEPT_MS || Math.abs(apart() - this.apart) > APART_MS;
    if (slept) this.doubt(this.tickedAt);
    this.tickedAt = ticks;
    this.apart = apart();
    this.paintClock();
    this.paintAge();
    if (ticks - this.swappedAt > STAY_MS) {
      this.swappedAt = ticks;
      this.ticker.next();
    }
    this.city.tick(ticks);
    this.paintTour();
    void this.reloading.tick(answersWithPage, this.standing());
  }

  /** What says whether the page may load again now. */
  standing() {
    const { told, clock, shown, touring } = this;
    const here = told && clock.isSet ? readDay(told, clock) : null;
    const isBusy = touring.own !== null || (shown !== null && shown.kind !== 'area' && shown.kind !== 'scene');
    return { minute: here && here.hour * 60 + here.minute, isBusy };
  }

  paintClock() {
    const { told } = this;
    if (!told || !this.clock.isSet) return;
    const here = readDay(told, this.clock);
    write(required('#time'), here.time);
    write(required('#date'), dayInWords(this.clock.now(), told.timezone, facts().lang));
    if (paintHazard(told, this.clock)) this.fit();
    const [before, { day, isOver }] = [this.day, here];
    this.day = day;
    if (before && before !== day) this.city.renew();
    // The city's day is over: its figures are of yesterday until the server has told the new ones, also those that a scene had kept.
    if (isOver && before !== day) this.paint();
    if (isOver) this.asking.doubt();
  }

  paintAge() {
    const line = required('#stale');
    if (!this.told) return this.paintMissing(line);
    const age = this.asking.age();
    line.hidden = age === null;
    if (age === null) return;
    const time = readCity(this.clock.now() - age, this.told.timezone).time;
    write(line, say('stale', { time, span: spanOf(age) }));
  }

  /** Before the first figures there is nothing to show, but something to say. @param {HTMLElement} line */
  paintMissing(line) {
    const waited = performance.now() - this.beganAt;
    // What the server said is told at once; that it says nothing, only when it has had time.
    line.hidden = !this.refusal && waited < MISSING_MS;
    write(line, this.refusal ? say('refused', { sentence: this.refusal }) : say('no_figures', { span: spanOf(waited) }));
  }

  /** Brightness by the hour, and the shift of the picture. */
  paintTour() {
    const { tour } = this.touring;
    if (!tour) return;
    const now = this.clock.now();
    dimTo(brightnessAt(tour, now));
    shiftBy(shiftAt(tour, now));
  }

  // ---- The screen ----

  /** Settings of this screen have changed. @param {WallScreenSettings} settings */
  set(settings) {
    const address = withSettings(this.address, settings);
    const same = JSON.stringify(address) === JSON.stringify(this.address);
    this.settings = settings;
    this.address = address;
    if (!same) {
      markPart(address);
      this.city.share(address);
      this.ticker.share(address.wide ? address.part : null);
      this.touring.share(address);
    }
    this.fit();
    if (!same) this.city.refit();
  }

  fit() {
    this.city.resize(fitPicture(this.settings));
    this.paint();
    if (this.told) this.ticker.paint();
  }
}

/** @param {Response} answer @returns {Promise<string>} */
const sentenceOf = async (answer) => (await answer.json().catch(() => null))?.error?.sentence ?? '';

/** @type {Wall | null} */
let running = null;

/** Begins once; the page has only one. */
export const wall = part((signal) => {
  running = new Wall(signal);
  onStop(signal, () => (running = null));
});

/** The wall that runs. */
export const current = () => running;
