/**
 * The server's clock, as every screen of a wall reads it.
 *
 * A question takes time on the way there and on the way back. If both take the same, the server's clock stood at its answer in the middle
 * between asking and hearing. The shorter the whole way, the less that can be wrong: of several questions, the quickest counts. This is
 * how the Network Time Protocol does it (RFC 5905, clock filter). The browser's own clock is not asked, because somebody may change it.
 */

import { ALONE } from '../../page/presence.js';

/** Where the time is asked for; the answer costs the server nothing. */
export const TIME = '/api/wall/time';
const KEPT = 12;
const KEPT_MS = 30 * 60_000;
/** Below this the shown time moves slowly to the better one, so that nothing is shown twice; above, it jumps. */
const JUMP_MS = 1_000;
/** Share of the passing time by which the shown time may move. */
const SLEW = 0.02;
const FIRST_ASKS = 8;
const LATER_ASKS = 3;
const BETWEEN_ASKS_MS = 250;
const AGAIN_MS = 5 * 60_000;
/** A clock that may be wrong by more than this is read again sooner: the first answers came while the page was busy with its beginning. */
const DOUBTFUL_MS = 25;
const SOON_MS = 60_000;
const RETRY_MS = 5_000;
/** A question that nobody answers would keep all later ones waiting. */
const PATIENCE_MS = 20_000;
/** The page slept, or somebody changed the clock, where both clocks of the browser differ by this more than before. */
const DOUBT_MS = 1_500;
const LOOK_MS = 5_000;

/** @typedef {{delay: number, offset: number, at: number}} Reading */

/**
 * One answer.
 *
 * @param {number} asked When it was asked, on the steady clock, in milliseconds.
 * @param {number} heard When the answer came.
 * @param {number} server What the server's clock said, in milliseconds since 1970.
 * @returns {Reading}
 */
export const reading = (asked, heard, server) => ({ delay: heard - asked, offset: server - (asked + heard) / 2, at: heard });

/**
 * The reading that is least wrong: of those that are not too old, the one with the least delay.
 *
 * @param {Reading[]} readings
 * @param {number} now On the steady clock.
 */
export function best(readings, now) {
  const fresh = readings.filter((one) => now - one.at <= KEPT_MS);
  return (fresh.length ? fresh : readings.slice(-1)).reduce((least, one) => one.delay < least.delay ? one : least);
}

/** A clock that is set by readings. */
export class ServerClock {
  /** @param {() => number} [steady] Milliseconds that only ever grow. */
  constructor(steady = () => performance.now()) {
    this.steady = steady;
    /** @type {Reading[]} */
    this.readings = [];
    /** @type {number | null} */
    this.offset = null;
    this.movedAt = 0;
  }

  /** Whether anything was read yet. */
  get isSet() {
    return this.offset !== null;
  }

  /** How wrong the clock can be at most, in milliseconds: half the delay of the reading it was set by. */
  get doubt() {
    return this.readings.length ? best(this.readings, this.steady()).delay / 2 : Infinity;
  }

  /** @param {Reading} one */
  take(one) {
    this.move();
    const first = this.readings.length < FIRST_ASKS;
    this.readings = [...this.readings, one].slice(-KEPT);
    const wanted = best(this.readings, this.steady()).offset;
    if (this.offset === null || first || Math.abs(wanted - this.offset) > JUMP_MS) this.offset = wanted;
  }

  /** Forget what was read: the steady clock stood still while the machine slept. */
  forget() {
    this.readings = [];
  }

  /** The server's time now, in milliseconds since 1970. */
  now() {
    this.move();
    return this.steady() + (this.offset ?? Date.now() - this.steady());
  }

  move() {
    const now = this.steady();
    if (this.offset !== null && this.readings.length) {
      const missing = best(this.readings, now).offset - this.offset;
      const most = Math.max(0, now - this.movedAt) * SLEW;
      this.offset += Math.abs(missing) <= most ? missing : Math.sign(missing) * most;
    }
    this.movedAt = now;
  }
}

/**
 * Ask for the server's time once.
 *
 * @param {() => number} steady
 * @param {AbortSignal} signal
 * @returns {Promise<Reading | null>}
 */
async function ask(steady, signal) {
  const asked = steady();
  const patient = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const answer = await fetch(TIME, { cache: 'no-store', headers: ALONE, signal: patient }).catch(() => null);
  const heard = steady();
  const body = answer?.ok ? await answer.json().catch(() => null) : null;
  return typeof body?.server_time_ms === 'number' ? reading(asked, heard, body.server_time_ms) : null;
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const rest = (ms, signal) =>
  new Promise((done) => {
    // The listener goes with the timer: a wall rests some thousand times a day, for months.
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });

/**
 * A clock that is kept right until the signal ends it.
 *
 * @param {AbortSignal} signal
 */
export function keepClock(signal) {
  const clock = new ServerClock();
  void keepAsking(clock, signal);
  return clock;
}

/**
 * Several questions at the beginning, some now and then, and anew when the machine slept or its clock was changed.
 *
 * @param {ServerClock} clock
 * @param {AbortSignal} signal
 */
async function keepAsking(clock, signal) {
  let asks = FIRST_ASKS;
  while (!signal.aborted) {
    let heard = 0;
    for (let n = 0; n < asks && !signal.aborted; n += 1) {
      const one = await ask(clock.steady, signal);
      if (one) clock.take(one);
      heard += one ? 1 : 0;
      await rest(BETWEEN_ASKS_MS, signal);
    }
    const pause = clock.doubt > DOUBTFUL_MS ? SOON_MS : AGAIN_MS;
    asks = await untilDoubtful(heard ? pause : RETRY_MS, signal) ? FIRST_ASKS : LATER_ASKS;
    if (asks === FIRST_ASKS) clock.forget();
  }
}

/**
 * Wait; ends early, and gives back true, where the browser's two clocks no longer agree.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 */
async function untilDoubtful(ms, signal) {
  const apart = () => Date.now() - performance.now();
  const before = apart();
  const end = performance.now() + ms;
  while (!signal.aborted && performance.now() < end) {
    await rest(Math.min(LOOK_MS, ms), signal);
    if (Math.abs(apart() - before) > DOUBT_MS) return true;
  }
  return false;
}
