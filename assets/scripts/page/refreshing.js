/** When a page that is open asks for its figures again: soon after a change, but never more often than server and reader can bear. */

const SOON_MS = 400;
const LEAST_MS = 4000;
/** A server that takes long to answer is asked less often: after so many times as long, but not later than after half a minute. */
const PART = 10;
const MOST_MS = 30000;
/** An answer that does not come within this time comes no more. */
const PATIENCE_MS = 60000;

export class Refreshing {
  /**
   * @param {() => void} ask Asks for the page anew.
   * @param {() => boolean} isFree Whether the page may change now.
   */
  constructor(ask, isFree) {
    this.ask = ask;
    this.isFree = isFree;
    /** The newest version that was told, the one on screen, and the one that was asked for last. */
    this.newest = this.shown = this.asked = 0;
    /** A page that begins has asked already. */
    this.askedAt = performance.now();
    this.notBefore = 0;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  }

  /**
   * The server has newer figures.
   *
   * @param {Record<string, number>} versions By subject.
   */
  hear(versions) {
    this.newest = Math.max(this.newest, ...Object.values(versions));
    this.plan();
  }

  /** Something was missed, nobody knows what. */
  doubt() {
    this.newest = Math.max(this.newest, this.shown, this.asked) + 1;
    this.plan();
  }

  /**
   * An answer is on screen.
   *
   * @param {number} version
   */
  take(version) {
    const took = this.asked && this.askedAt ? performance.now() - this.askedAt : 0;
    this.askedAt = 0;
    this.notBefore = performance.now() + Math.min(MOST_MS, Math.max(LEAST_MS, took * PART));
    this.shown = Math.max(this.shown, version);
    this.plan();
  }

  /** Ask, as soon as that is allowed, if there is anything new. Not all pages ask in the same moment. */
  plan() {
    const asking = this.askedAt && performance.now() - this.askedAt < PATIENCE_MS;
    if (this.timer || asking || this.newest <= Math.max(this.shown, this.asked)) return;
    const wait = Math.max(SOON_MS, this.notBefore - performance.now());
    this.timer = setTimeout(() => this.due(), wait * (1 + Math.random() / 4));
  }

  due() {
    this.timer = undefined;
    if (this.newest <= Math.max(this.shown, this.asked) || !this.isFree()) return;
    this.asked = this.newest;
    this.askedAt = performance.now();
    this.ask();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
