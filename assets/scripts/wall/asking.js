/** When a wall asks for its figures, and whether what it shows is still true. Nothing here touches the page. */

import { newer } from '../live/sharing.js';

/** The server makes figures anew at most so often; asking more would tell nothing. */
export const LEAST_MS = 2000;
/** What is usual by this time of day changes with the clock, so a quiet wall asks once a minute. */
export const QUIET_MS = 60000;
/** Pauses after failures. */
const FIRST_MS = 2000;
export const LONGEST_MS = 15000;
/** While no events arrive, the wall asks by itself. */
export const POLL_MS = 10000;
/** Figures that could not be renewed for so long are called old. A restart of the server is shorter. */
export const OLD_MS = 15000;

/**
 * Whether versions that were heard are newer than those shown.
 *
 * @param {Record<string, number>} heard
 * @param {Record<string, number>} shown
 */
export const isBehind = (heard, shown) => Object.entries(heard).some(([subject, version]) => version > (shown[subject] ?? 0));

export class Asking {
  /**
   * @param {() => Promise<{versions: Record<string, number>}>} ask Asks the server and shows the answer.
   * @param {() => number} [ticks]
   */
  constructor(ask, ticks = () => performance.now()) {
    this.ask = ask;
    this.ticks = ticks;
    /** @type {Record<string, number>} */
    this.heard = {};
    /** @type {Record<string, number> | null} */
    this.shown = null;
    this.live = false;
    this.running = false;
    this.again = false;
    this.failures = 0;
    this.askedAt = -Infinity;
    /** Whether something newer is known of, or may have been missed. */
    this.behind = false;
    /** Until when it is known that what is shown was true, where it may not be now; null before the first answer. @type {number | null} */
    this.trueUntil = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.ended = false;
    /** How often something else was shown. */
    this.turns = 0;
  }

  /** Something else is shown from now on: what was asked for before does not count, and nothing of this was asked yet. */
  turn() {
    this.mark();
    this.turns += 1;
    this.shown = null;
    this.behind = true;
    this.failures = 0;
    this.askedAt = -Infinity;
    this.now();
  }

  /** What is shown in place of an answer was true at a moment. @param {number} ticks */
  showOld(ticks) {
    this.trueUntil = ticks;
  }

  stop() {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** Ask as soon as the server may be asked. */
  now() {
    if (this.running) this.again = true;
    else this.plan(0);
  }

  /** Whether what is shown is known to be true at this moment. */
  get isTrue() {
    return this.trueUntil !== null && this.live && !this.behind && !this.failures;
  }

  /** The newest version that was heard of, where figures of an older one are shown: the server then waits for newer ones. Otherwise 0. */
  get awaited() {
    return this.shown && isBehind(this.heard, this.shown) ? Math.max(...Object.values(this.heard)) : 0;
  }

  /** Since a moment it may not be. @param {number} [since] By `ticks`: what was noticed late is as old as it is. */
  mark(since = this.ticks()) {
    if (this.isTrue) this.trueUntil = Math.max(this.trueUntil ?? since, Math.min(since, this.ticks()));
  }

  /** @param {Record<string, number>} versions */
  hear(versions) {
    this.heard = newer(this.heard, versions);
    if (this.shown && !isBehind(this.heard, this.shown)) return;
    this.mark();
    this.behind = true;
    this.now();
  }

  /** The stream begins: these are the newest versions, also where a database that was put back has older ones. @param {Record<string, number>} versions */
  begin(versions) {
    this.heard = versions;
    this.hear({});
  }

  /** Something may have been missed. @param {number} [since] See `mark`. */
  doubt(since) {
    this.mark(since);
    this.behind = true;
    this.now();
  }

  /** Whether events arrive. @param {boolean} live @param {number} [since] See `mark`. */
  listen(live, since) {
    if (!live) this.mark(since);
    this.live = live;
    this.now();
  }

  /** Milliseconds for which what is shown could not be renewed, or null while it is true. */
  age() {
    if (this.trueUntil === null || this.isTrue) return null;
    const age = this.ticks() - this.trueUntil;
    return age > OLD_MS ? age : null;
  }

  /** @param {number} ms */
  plan(ms) {
    if (this.ended) return;
    clearTimeout(this.timer);
    const least = this.failures ? this.pause() : LEAST_MS;
    this.timer = setTimeout(() => void this.run(), Math.max(ms, this.askedAt + least - this.ticks(), 0));
  }

  pause() {
    return Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.failures - 1));
  }

  async run() {
    if (this.running || this.ended) return;
    this.running = true;
    this.again = false;
    this.askedAt = this.ticks();
    const [began, { turns }] = [this.askedAt, this];
    const told = await this.ask().catch(() => null);
    this.running = false;
    if (turns !== this.turns) {
      this.askedAt = -Infinity;
      return this.plan(0);
    }
    if (told) {
      this.shown = told.versions;
      this.failures = 0;
      this.trueUntil = began;
      this.behind = isBehind(this.heard, this.shown);
    } else {
      this.mark();
      this.failures += 1;
    }
    this.plan(this.failures || this.again || this.behind ? 0 : this.live ? QUIET_MS : POLL_MS);
  }
}
