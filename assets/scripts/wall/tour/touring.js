/**
 * A wall's tour: read when it changed, and followed by the server's clock. Without a network the wall goes round the tour that it heard
 * of last. A quiet wall asks for nothing: the tour says what is shown for eight days, and changes of it are told.
 */

import { noteFailure } from '../../failures.js';
import { ALONE } from '../../page/presence.js';
import { keyCommand } from './commands.js';
import { shownArea, shownAt, shownScene, turningSince } from './shown.js';
import { place, scenesOf } from './tour.js';

/** @typedef {import('./shown.js').Shown} Shown */

/** The tour tells the schedule of eight days. */
const RENEW_MS = 6 * 3600_000;
const AGAIN_MS = 5_000;
const LONGEST_AGAIN_MS = 60_000;
const PATIENCE_MS = 20_000;
/** What is shown is counted at the moment of the next change, and at least so often: schedules and clocks may be set. */
const STEP_MS = 1_000;
/** A change that is noticed so late happened while the page slept: the camera does not fly from where it was then. */
const LATE_MS = 1_000;
/** What comes next is fetched so long before. */
const AHEAD_S = 6;
/** What somebody chooses at one screen, without the right to steer the wall, ends after so long. */
const OWN_MS = 300_000;

/**
 * @typedef {object} TourOptions
 * @property {import('./address.js').Address} address
 * @property {import('./clock.js').ServerClock} clock
 * @property {(shown: Shown, since: number, at: number) => void} show Show something else: the camera turns since a moment, and the change
 *   is or was at a moment.
 * @property {(shown: Shown) => void} prepare This comes next.
 * @property {(command: import('./commands.js').WallCommand) => void} [steer] Steers the wall; missing where the account may not.
 */

export class Touring {
  /** @param {TourOptions} options @param {AbortSignal} signal */
  constructor(options, signal) {
    this.options = options;
    this.signal = signal;
    /** @type {WallTour | null} */
    this.tour = null;
    /** What is shown. @type {Shown | null} */
    this.shown = null;
    /** What somebody chose at this screen alone. @type {{index: number, from: number, until: number} | null} */
    this.own = null;
    /** When the next change is due, by the server's clock. */
    this.dueAt = -Infinity;
    this.preparedKey = '';
    this.failures = 0;
    this.reading = false;
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.stepping = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.renewing = undefined;
    signal.addEventListener('abort', () => [this.stepping, this.renewing].forEach(clearTimeout), { once: true });
  }

  begin() {
    const { address: { area, preview }, clock } = this.options;
    if (preview === 'draft') return;
    if (area) this.tell(shownArea(area), clock.now(), clock.now());
    else void this.read();
  }

  /** Settings of the screen changed which scene is its own. @param {import('./address.js').Address} address */
  share(address) {
    this.options.address = address;
    this.step();
  }

  /** Whether the tour itself says what is shown. */
  get follows() {
    const { area, preview } = this.options.address;
    return !area && preview !== 'draft';
  }

  /** A scene that somebody writes. @param {WallScene} scene */
  showDraft(scene) {
    const now = this.options.clock.now();
    this.tell(shownScene(scene, `draft ${JSON.stringify(scene)}`), now, now);
  }

  // ---- The server ----

  /** @param {import('../../live/stream.js').News} news */
  hear({ kind, body }) {
    if (kind === 'reset' || kind === 'live' || (kind === 'wall' && body?.wall === this.options.address.wall)) void this.read();
  }

  /** The server told which version is the newest. @param {string} version */
  hearVersion(version) {
    if (this.tour && version !== this.tour.version) void this.read();
  }

  async read() {
    if (!this.follows || this.signal.aborted) return;
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    const { wall, city, preview } = this.options.address;
    const query = new URLSearchParams({ wall, ...(city ? { city } : {}), ...(preview ? { preview } : {}) });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`/api/wall/tour?${query}`, { headers: ALONE, signal }).catch(() => null);
    const tour = answer?.ok ? await answer.json().catch(() => null) : null;
    this.reading = false;
    this.failures = tour ? 0 : this.failures + 1;
    if (tour) this.take(tour);
    // Without any tour the wall shows what it would show without one.
    else if (!this.shown) this.tell(shownArea(null), this.options.clock.now(), this.options.clock.now());
    const pause = tour ? RENEW_MS : Math.min(LONGEST_AGAIN_MS, AGAIN_MS * 2 ** (this.failures - 1));
    clearTimeout(this.renewing);
    if (this.signal.aborted) return;
    this.renewing = setTimeout(() => void this.read(), this.again ? 0 : pause);
    this.again = false;
  }

  /** @param {WallTour} tour */
  take(tour) {
    if (
      this.tour && Number(tour.version) === Number(this.tour.version) && JSON.stringify(tour.scenes) === JSON.stringify(this.tour.scenes)
    ) {
      this.tour = tour; // the schedule goes on
      return;
    }
    this.tour = tour;
    this.shown = null;
    this.preparedKey = '';
    this.step();
  }

  // ---- Following ----

  /** Where the tour stands, unless somebody chose something at this screen. @param {number} now @returns {import('./tour.js').Placed | null} */
  placed(now) {
    if (!this.tour) return null;
    const placed = place(this.tour, now, this.options.address.ahead);
    if (!this.own || !placed || now >= this.own.until || placed.kind === 'serious' || placed.kind === 'late_3') return placed;
    const scenes = scenesOf(this.tour, placed.playlist);
    const { index, from, until } = this.own;
    const scene = scenes[index % scenes.length];
    const own = { scene, own: scene, own_seconds_in: 0, index: index % scenes.length, turn: null };
    return {
      ...placed,
      ...own,
      kind: 'scene',
      key: `o${from}/${index}`,
      seconds_in: (now - from) / 1000,
      seconds_left: (until - now) / 1000,
    };
  }

  /** Show what is due, and wait for the next change; whatever goes wrong, the tour goes on. */
  step() {
    clearTimeout(this.stepping);
    let left = /** @type {number | null} */ (STEP_MS);
    try {
      left = this.follow();
    } catch (error) {
      noteFailure(error);
    }
    if (left === null || this.signal.aborted) return;
    this.stepping = setTimeout(() => this.step(), Math.max(1, Math.min(STEP_MS, left)));
  }

  /** Show what is due; gives back the milliseconds until the next change, or null where there is nothing to follow. */
  follow() {
    const { tour } = this;
    const now = this.options.clock.now();
    const placed = this.placed(now);
    if (!tour || !placed) return null;
    if (placed.key !== this.shown?.key) {
      const isDue = now >= this.dueAt && now - this.dueAt < LATE_MS;
      this.tell(shownAt(tour, placed), turningSince(placed, now), isDue ? this.dueAt : now);
    }
    const left = placed.seconds_left * 1000;
    this.dueAt = now + left;
    this.lookAhead(placed, now);
    return left;
  }

  /** @param {import('./tour.js').Placed} placed @param {number} now */
  lookAhead(placed, now) {
    if (!this.tour || placed.seconds_left > AHEAD_S) return;
    const next = this.placed(now + placed.seconds_left * 1000 + 1);
    if (!next || next.key === placed.key || next.key === this.preparedKey) return;
    this.preparedKey = next.key;
    this.options.prepare(shownAt(this.tour, next));
  }

  /** @param {Shown} shown @param {number} since @param {number} at */
  tell(shown, since, at) {
    this.shown = shown;
    try {
      this.options.show(shown, since, at);
    } catch (error) {
      noteFailure(error);
    }
  }

  // ---- Keys ----

  /** A key of a keyboard or a remote control; gives back whether it meant anything. @param {string} key */
  press(key) {
    const now = this.options.clock.now();
    const placed = this.placed(now);
    const asked = this.tour && placed && this.follows ? keyCommand(key, placed.count) : null;
    if (!this.tour || !placed || !asked) return false;
    const { steer } = this.options;
    if (steer) steer(this.commandOf(asked, placed));
    else this.choose(asked, placed, now);
    return true;
  }

  /**
   * @param {NonNullable<ReturnType<typeof keyCommand>>} asked
   * @param {import('./tour.js').Placed} placed
   * @returns {import('./commands.js').WallCommand}
   */
  commandOf(asked, placed) {
    if ('step' in asked) return { do: asked.step > 0 ? 'next' : 'previous' };
    if ('index' in asked) return { do: 'scene', scene: scenesOf(/** @type {WallTour} */ (this.tour), placed.playlist)[asked.index].id };
    return { do: placed.turn ? 'resume' : 'hold' };
  }

  /**
   * This screen alone shows another scene for a while, or holds the one that it shows; held once more it follows the tour again.
   *
   * @param {NonNullable<ReturnType<typeof keyCommand>>} asked
   * @param {import('./tour.js').Placed} placed
   * @param {number} now
   */
  choose(asked, placed, now) {
    const isOwn = this.own !== null && now < this.own.until;
    if ('hold' in asked && isOwn) this.own = null;
    else {
      const index = 'index' in asked ? asked.index : placed.index + ('step' in asked ? asked.step + placed.count : 0);
      this.own = { index: index % placed.count, from: now, until: now + OWN_MS };
    }
    this.step();
  }
}
