/**
 * A screen tells every half minute how it is and what it has shown, and hears what is wanted of it.
 *
 * What it has shown stays in the browser until the server has taken it: a cut, a restart and a night without a network lose nothing.
 * It may be told twice; the server keeps it once.
 */

import { ALONE } from '../../page/presence.js';

export const BEAT_MS = 30_000;
/** A server that does not answer is given up before the next one is due. */
const PATIENCE_MS = 20_000;
const ADDRESS = '/api/wall/screens';
const ID = 'gridwell.wall.screen';
const PLAYS = 'gridwell.wall.plays';
const SETTINGS = 'gridwell.wall.settings';
const MOST_KEPT = 3_000;
/** Most that one heartbeat tells; the rest follows with the next. */
const MOST_TOLD = 400;
const LARGEST_PICTURE = 100_000;
/** What stands for good is told in pieces of this length. */
const LONGEST_PLAY_MS = 10 * 60_000;

/**
 * @typedef {{from_ms: number, until_ms: number, scene: string, kind: string, tour_version: string, data_version: number}} Play
 * @typedef {{part: string, scene: string, version: string, data_age_s: number | null, fps: number | null, heap_mb: number | null,
 *   size: string, webgl?: boolean}} ScreenFacts
 * @typedef {{getItem(name: string): string | null, setItem(name: string, value: string): void}} Store
 */

/**
 * The browser's own store; where it is closed or full, nothing is kept beyond this page, and the wall goes on.
 *
 * @param {() => Store} [open] A browser may refuse it already here.
 * @returns {Store}
 */
export const lenientStore = (open = () => localStorage) => ({
  getItem(name) {
    try {
      return open().getItem(name);
    } catch {
      return null;
    }
  },
  setItem(name, value) {
    try {
      open().setItem(name, value);
    } catch {
      // What is kept in memory is told all the same, as long as the page lives.
    }
  },
});

/**
 * The id of this screen: random, and the same as long as the browser keeps it.
 *
 * @param {Store} store
 */
export function screenId(store) {
  const kept = store.getItem(ID);
  if (kept && /^[0-9a-f]{32}$/.test(kept)) return kept;
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  store.setItem(ID, made);
  return made;
}

/** The browser keeps what the server said last of this screen. @param {Store} store @param {WallTold['screen']} settings */
export const keepSettings = (store, settings) => store.setItem(SETTINGS, JSON.stringify(settings));

/**
 * What the server said last of this screen: a page that loads again is the right part of a wall before it has told anything.
 *
 * @param {Store} store
 * @returns {WallTold['screen'] | null}
 */
export function keptSettings(store) {
  try {
    const held = JSON.parse(store.getItem(SETTINGS) ?? 'null');
    return typeof held === 'object' && !Array.isArray(held) ? held : null;
  } catch {
    return null;
  }
}

/** What a screen has shown and not told yet. */
export class PlayLog {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Play[]} */
    this.kept = readPlays(store);
    /** @type {(Omit<Play, 'until_ms'> & {key: string}) | null} */
    this.running = null;
  }

  /**
   * Something is shown from now on; what was shown before has ended. Nothing happens while the same goes on.
   *
   * @param {string} key Changes exactly when something else is shown: see `place` in tour.js.
   * @param {Omit<Play, 'from_ms' | 'until_ms'>} what
   * @param {number} now The server's time in milliseconds.
   */
  show(key, what, now) {
    const running = this.running;
    const same = running && running.key === key && running.data_version === what.data_version && running.tour_version === what.tour_version;
    if (same) return;
    this.end(now);
    this.running = { ...what, key, from_ms: Math.round(now) };
  }

  /** What is shown ends: the page is hidden, or left. @param {number} now */
  end(now) {
    if (!this.running) return;
    const { key: _, ...play } = this.running;
    this.running = null;
    if (now <= play.from_ms) return;
    this.kept = [...this.kept, { ...play, until_ms: Math.round(now) }].slice(-MOST_KEPT);
    this.save();
  }

  /** What has been shown for long is told up to now, and goes on: a wall may show one thing for months. @param {number} now */
  divide(now) {
    const { running } = this;
    if (!running || now - running.from_ms < LONGEST_PLAY_MS) return;
    this.end(now);
    this.running = { ...running, from_ms: Math.round(now) };
  }

  /** The oldest that was not told yet. */
  next() {
    return this.kept.slice(0, MOST_TOLD);
  }

  /** The server has taken these. @param {Play[]} told */
  taken(told) {
    const begins = new Set(told.map((one) => one.from_ms));
    this.kept = this.kept.filter((one) => !begins.has(one.from_ms));
    this.save();
  }

  save() {
    this.store.setItem(PLAYS, JSON.stringify(this.kept));
  }
}

/** @param {Store} store @returns {Play[]} */
function readPlays(store) {
  try {
    const held = JSON.parse(store.getItem(PLAYS) ?? '[]');
    return Array.isArray(held) ? held.filter((one) => typeof one?.from_ms === 'number') : [];
  } catch {
    return [];
  }
}

/**
 * Tell one heartbeat; gives back the answer, or null where there was none.
 *
 * @param {{id: string, wall: string, city: string | null, csrf: string, plays: PlayLog}} screen
 * @param {ScreenFacts} facts
 * @param {AbortSignal} [signal]
 * @returns {Promise<WallTold | null>}
 */
export async function beat(screen, facts, signal) {
  const plays = screen.plays.next();
  const body = JSON.stringify({ screen: screen.id, wall: screen.wall, city: screen.city, ...facts, plays });
  const answer = await send(`${ADDRESS}/heartbeat`, screen.csrf, body, 'application/json', signal);
  if (answer?.ok) screen.plays.taken(plays);
  // What the server refuses for its form it would refuse for ever: the rest must not wait behind it.
  if (answer && answer.status === 422) screen.plays.taken(plays);
  return answer?.ok ? await answer.json().catch(() => null) : null;
}

/**
 * Send the picture that was asked for; gives back whether it was taken.
 *
 * @param {{id: string, csrf: string}} screen
 * @param {Blob | null} picture A JPEG.
 * @param {AbortSignal} [signal]
 */
export async function sendPicture(screen, picture, signal) {
  if (!picture || picture.size > LARGEST_PICTURE) return false;
  const answer = await send(`${ADDRESS}/${screen.id}/picture`, screen.csrf, picture, 'image/jpeg', signal);
  return answer?.ok === true;
}

/**
 * @param {string} address
 * @param {string} csrf
 * @param {BodyInit} body
 * @param {string} type
 * @param {AbortSignal} [signal]
 */
const send = (address, csrf, body, type, signal) =>
  fetch(address, { method: 'POST', headers: { 'Content-Type': type, 'X-Gridwell-CSRF': csrf, ...ALONE }, body, signal }).catch(() => null);

/**
 * A small JPEG of a canvas, made smaller until it is small enough.
 *
 * @param {HTMLCanvasElement | OffscreenCanvas} source Drawn just now: a WebGL canvas that does not keep its buffer is empty later.
 * @param {number} [width]
 * @returns {Promise<Blob | null>}
 */
export async function shrink(source, width = 640) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.min(width, source.width);
  canvas.height = Math.max(1, Math.round(canvas.width * source.height / source.width));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.6, 0.4, 0.2]) {
    const made = await new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (!made || made.size <= LARGEST_PICTURE) return made;
  }
  return null;
}

/**
 * Tell of this screen every half minute until the signal ends it.
 *
 * @param {object} options
 * @param {string} options.wall
 * @param {string | null} [options.city]
 * @param {string} options.csrf
 * @param {Store} [options.store]
 * @param {string | null} [options.id] Of the screen, where it does not depend on the browser's memory.
 * @param {() => number} options.now The server's time in milliseconds.
 * @param {() => ScreenFacts} options.facts How the screen is now.
 * @param {(told: WallTold) => void} options.heard What the server answered: its settings of this screen, the tour's version.
 * @param {() => Promise<Blob | null>} options.picture Draws what the screen shows.
 * @param {AbortSignal} signal
 */
export function keepBeating(options, signal) {
  const store = options.store ?? lenientStore();
  const { wall, csrf, city = null } = options;
  const screen = { id: options.id ?? screenId(store), wall, city, csrf, plays: new PlayLog(store) };
  const once = async () => {
    screen.plays.divide(options.now());
    const told = await beat(screen, options.facts(), AbortSignal.timeout(PATIENCE_MS));
    if (!told || signal.aborted) return;
    options.heard(told);
    if (told.picture) await sendPicture(screen, await options.picture().catch(() => null), AbortSignal.timeout(PATIENCE_MS));
  };
  void once();
  const timer = setInterval(() => void once(), BEAT_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return screen;
}
