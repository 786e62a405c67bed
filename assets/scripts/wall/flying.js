/** Moves the map's camera to where the director wants it, frame by frame; a camera that stands still costs nothing. */

import { onStop } from '../lifecycle.js';
import { map } from '../map/grid_map.js';

/** A camera that only turns slowly is drawn at most so often. */
const ORBIT_MS = 33;
/** Where a frame takes long, as without a graphics card, the slow turn leaves the machine so many times that for everything else. */
const LEAVES = 4;
/** Names are placed anew so often while the camera turns. */
const NAMES_MS = 4000;
/** Below these a camera is the same. */
const STILL = { longitude: 1e-7, latitude: 1e-7, zoom: 1e-4, pitch: 1e-3, bearing: 1e-3 };

/** @param {Camera} a @param {Camera} b */
const isSame = (a, b) =>
  /** @type {(keyof typeof STILL)[]} */ (Object.keys(STILL)).every((name) => Math.abs(a[name] - b[name]) < STILL[name]);

export class Flying {
  /**
   * @param {import('./tour/clock.js').ServerClock} clock
   * @param {import('./tour/director.js').Director} director
   * @param {() => void} resized The map has another size than before.
   */
  constructor(clock, director, resized) {
    this.clock = clock;
    this.director = director;
    this.resized = resized;
    this.frames = 0;
    /** @type {Padding | null} */
    this.padding = null;
    /** @type {any} */
    this.deck = null;
    this.movedAt = -Infinity;
    this.namedAt = -Infinity;
    /** Milliseconds between two frames, lately. */
    this.frameMs = 16;
    this.ranAt = 0;
    this.flew = false;
  }

  /** @param {AbortSignal} signal */
  start(signal) {
    const run = (/** @type {number} */ at) => {
      this.frames += 1;
      this.frameMs += (Math.min(1000, at - this.ranAt) - this.frameMs) * 0.1;
      this.ranAt = at;
      // Before anything that may go wrong: one bad frame is not the last one.
      asked = requestAnimationFrame(run);
      this.follow(at);
    };
    let asked = requestAnimationFrame(run);
    onStop(signal, () => cancelAnimationFrame(asked));
  }

  /** Something else is to be looked at: do not wait for the next turn. */
  wake() {
    this.movedAt = -Infinity;
  }

  /** @param {number} at */
  follow(at) {
    if (!map.deck || !map.camera) return;
    this.notice();
    const now = this.clock.now();
    const flies = this.director.flies(now);
    if (!flies && at - this.movedAt < Math.max(ORBIT_MS, this.frameMs > 50 ? this.frameMs * LEAVES : 0)) return;
    const camera = this.director.cameraAt(now);
    if (!camera) return;
    if (!isSame(camera, map.camera)) {
      this.movedAt = at;
      map.moved({ ...camera, transitionDuration: 0 });
      if (!flies && (this.flew || at - this.namedAt > NAMES_MS)) {
        this.namedAt = at;
        map.placeNames();
      }
    }
    this.flew = flies;
  }

  /** The map may have been made anew, or have another size. */
  notice() {
    if (this.padding === map.padding && this.deck === map.deck) return;
    this.padding = map.padding; // measured anew with each size
    this.deck = map.deck;
    this.resized();
  }

  /** Frames a second since this was asked last. @param {number} seconds */
  rate(seconds) {
    const rate = this.frames / Math.max(1, seconds);
    this.frames = 0;
    return Math.round(rate * 10) / 10;
  }
}
