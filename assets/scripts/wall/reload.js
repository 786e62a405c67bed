/**
 * The page loads again by itself: a new version within minutes, and each night what has run for a day, so that nothing in a browser grows
 * for months. Only when nobody steers it and nothing breaks in, and only while the server answers with the page.
 */

import { ALONE } from '../page/presence.js';

/** Nobody has touched a key for so long. */
const IDLE_MS = 60000;
/** Not all walls of a city load again in the same second. */
const SPREAD_MS = 120000;
/** At night, by the city's clock in minutes, each wall at a minute of its own; only what has run for so long. */
const NIGHT = { from: 180, until: 300 };
const DAY_MS = 20 * 3600_000;
const AGAIN_MS = 15000;
const PATIENCE_MS = 20000;

export class Reloading {
  /**
   * @param {string} version Of this page.
   * @param {{ticks?: () => number, chance?: () => number, reload?: () => void}} [given] For tests.
   */
  constructor(version, { ticks = () => performance.now(), chance = Math.random, reload = () => location.reload() } = {}) {
    this.version = version;
    this.ticks = ticks;
    this.chance = chance;
    this.reload = reload;
    this.touchedAt = -Infinity;
    this.beganAt = ticks();
    this.nightly = NIGHT.from + Math.floor(chance() * (NIGHT.until - NIGHT.from));
    /** @type {number | null} */
    this.dueAt = null;
    /** After a try at which the server did not answer. */
    this.notBefore = -Infinity;
  }

  /** Somebody steers. */
  touch() {
    this.touchedAt = this.ticks();
  }

  /** The version that the server told. @param {string | null} version */
  hear(version) {
    if (!version || version === this.version) this.dueAt = null;
    else this.dueAt ??= this.ticks() + this.chance() * SPREAD_MS;
  }

  /**
   * Called now and then: load again if it is time.
   *
   * @param {() => Promise<boolean>} answers Whether the server answers with a page.
   * @param {{minute?: number | null, isBusy?: boolean}} [here] Minute of the city's day, where it is known; whether somebody presents or
   *   a case breaks in.
   */
  async tick(answers, { minute = null, isBusy = false } = {}) {
    const now = this.ticks();
    if (isBusy || now < this.notBefore || now - this.touchedAt < IDLE_MS) return false;
    const isNight = minute !== null && minute >= this.nightly && minute < NIGHT.until && now - this.beganAt >= DAY_MS;
    if (!isNight && (this.dueAt === null || now < this.dueAt)) return false;
    this.notBefore = now + SPREAD_MS;
    if (!(await answers())) return false;
    this.reload();
    return true;
  }
}

/** Whether the page can be loaded now: an error page instead of it would take the last good figures away. */
export async function answersWithPage() {
  const answer = await askForPage();
  return Boolean(answer?.ok) && /id="wall"/.test(await /** @type {Response} */ (answer).text());
}

/** The address of this page, asked for without loading it; null where nobody answers. */
const askForPage = () =>
  fetch(location.href, { headers: { Accept: 'text/html', ...ALONE }, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);

let isLooking = false;

/**
 * The display may not show anything any more; the server's own page says so, and loads again by itself. Until the server answers, what is
 * shown stays: the browser's own page of errors, or that of a proxy before the server, would stay for good.
 */
export function reloadWhenAnswered() {
  if (isLooking) return;
  isLooking = true;
  const look = async () => {
    const answer = await askForPage();
    if (answer && answer.status < 500) location.reload();
    else setTimeout(look, AGAIN_MS);
  };
  setTimeout(look, AGAIN_MS);
}
