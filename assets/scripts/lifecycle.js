/** Parts of a page that listen, wait or watch. A page may run for months, so each can be stopped and none ever runs twice. */

/**
 * A part that runs at most once at a time: starting it again while it runs does nothing.
 *
 * @param {(signal: AbortSignal) => void} begin Begins it. All that it makes ends with the signal: listeners take it as an option, timers
 *   and observers through `onStop`.
 */
export function part(begin) {
  /** @type {AbortController | null} */
  let running = null;
  return {
    start() {
      if (running) return;
      running = new AbortController();
      begin(running.signal);
    },
    stop() {
      running?.abort();
      running = null;
    },
  };
}

/**
 * Call a function once when a part stops.
 *
 * @param {AbortSignal} signal
 * @param {() => void} end
 */
export function onStop(signal, end) {
  signal.addEventListener('abort', end, { once: true });
}
