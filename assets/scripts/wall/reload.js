/** A new version of the product: the page loads again when nobody steers it, and only while the server answers with the new page. */

import { ALONE } from '../page/presence.js';

/** Nobody has touched a key for so long. */
const IDLE_MS = 60000;
/** Not all walls of a city load again in the same second. */
const SPREAD_MS = 120000;
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
    /** @type {number | null} */
    this.dueAt = null;
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

  /** Called now and then: load again if it is time. @param {() => Promise<boolean>} answers Whether the server answers with a page. */
  async tick(answers) {
    const now = this.ticks();
    if (this.dueAt === null || now < this.dueAt || now - this.touchedAt < IDLE_MS) return false;
    this.dueAt = now + SPREAD_MS;
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
