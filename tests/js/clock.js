/** A clock that a test moves by hand, in place of the real one. */

const timeout = AbortSignal.timeout;
const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now, since: performance.now };
/** Never goes back, from one test to the next either. */
let time = 1e12;

/** Let everything that was resolved run. */
const settled = () => new Promise((resolve) => real.setTimeout(resolve, 0));

export class Clock {
  constructor() {
    this.last = 0;
    /** @type {Map<number, {at: number, call: () => void}>} */
    this.timers = new Map();
  }

  install() {
    Date.now = () => time;
    performance.now = () => time;
    /** @type {any} */ (globalThis).setTimeout = (/** @type {() => void} */ call, ms = 0) => {
      this.timers.set(++this.last, { at: time + ms, call });
      return this.last;
    };
    /** @type {any} */ (globalThis).clearTimeout = (/** @type {number} */ id) => this.timers.delete(id);
    AbortSignal.timeout = (ms) => {
      const end = new AbortController();
      setTimeout(() => end.abort(new DOMException('too long', 'TimeoutError')), ms);
      return end.signal;
    };
  }

  restore() {
    Date.now = real.now;
    performance.now = real.since;
    AbortSignal.timeout = timeout;
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
  }

  /**
   * Let some time pass, timer by timer.
   *
   * @param {number} ms
   */
  async pass(ms) {
    const end = time + ms;
    await settled();
    for (;;) {
      const [next] = [...this.timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      const [id, { at, call }] = next;
      this.timers.delete(id);
      time = Math.max(time, at);
      call();
      await settled();
    }
    time = end;
  }
}
