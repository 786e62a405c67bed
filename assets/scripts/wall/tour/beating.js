/** This screen tells how it is: what it shows, how old that is, how it draws; and sends a picture where somebody wants to see it. */

import { keepBeating, keepSettings, lenientStore } from './heartbeat.js';
import { pictureOfWall } from './picture.js';

export class Beating {
  /**
   * @param {import('../wall.js').Wall} wall
   * @param {import('./address.js').Address} address
   * @param {{csrf: string, version: string}} given
   * @param {AbortSignal} signal
   */
  constructor(wall, address, given, signal) {
    this.wall = wall;
    this.version = given.version;
    this.countedAt = performance.now();
    /** What the server says of this screen. @type {WallTold['screen'] | null} */
    this.settings = null;
    this.shownKey = '';
    const { wall: name, city, id } = address;
    this.store = storeOf(address);
    this.screen = keepBeating({
      ...{ wall: name, city, csrf: given.csrf, id, store: this.store },
      now: () => wall.clock.now(),
      facts: () => this.facts(),
      heard: (told) => this.hear(told),
      picture: () => pictureOfWall(),
    }, signal);
    addEventListener('pagehide', () => this.end(), { signal });
  }

  /** @returns {import('./heartbeat.js').ScreenFacts} */
  facts() {
    const { told, shown, city, clock, beganAt, address } = this.wall;
    const now = performance.now();
    const fps = city.flying.rate((now - this.countedAt) / 1000);
    this.countedAt = now;
    return {
      part: address.part ? `${address.part.no}/${address.part.of}` : '',
      ...{
        scene: shown?.name ?? '',
        version: this.version,
        fps,
        heap_mb: heapMb(),
        size: `${innerWidth}x${innerHeight}`,
        webgl: !city.lost,
      },
      // A screen that never had figures is as ill as one whose figures are old.
      data_age_s: Math.max(0, Math.round((told ? clock.now() - Date.parse(told.as_of) : now - beganAt) / 1000)),
    };
  }

  /** @param {WallTold} told */
  hear(told) {
    this.wall.touring.hearVersion(told.version);
    const before = JSON.stringify(this.settings);
    this.settings = told.screen;
    keepSettings(this.store, told.screen);
    if (JSON.stringify(told.screen) !== before) this.wall.set(told.screen);
  }

  /** What is shown is noted, with the versions of tour and data with which it began; where nobody can see the page, nothing is. */
  note() {
    const { shown, touring, clock, told } = this.wall;
    if (!shown || document.visibilityState === 'hidden') return;
    const key = `${shown.key} ${touring.tour?.version ?? ''}`;
    if (key === this.shownKey) return;
    this.shownKey = key;
    const kind = shown.kind === 'area' ? 'scene' : shown.kind;
    const data_version = told?.versions.incidents ?? 0;
    this.screen.plays.show(
      key,
      { scene: shown.name || shown.area || '', kind, tour_version: touring.tour?.version ?? '', data_version },
      clock.now(),
    );
  }

  end() {
    this.screen.plays.end(this.wall.clock.now());
    this.shownKey = '';
  }
}

/**
 * Several screens of one machine share a browser: each has a name, and a memory of what it has shown, of its own.
 *
 * @param {Pick<import('./address.js').Address, 'part'>} address What the address itself says.
 * @param {import('./heartbeat.js').Store} [store]
 * @returns {import('./heartbeat.js').Store}
 */
export function storeOf({ part }, store = lenientStore()) {
  if (!part) return store;
  const named = (/** @type {string} */ name) => `${name} ${part.no}/${part.of}`;
  return { getItem: (name) => store.getItem(named(name)), setItem: (name, value) => store.setItem(named(name), value) };
}

/** Memory of scripts, where the browser tells it. */
function heapMb() {
  const used = /** @type {any} */ (performance).memory?.usedJSHeapSize;
  return typeof used === 'number' ? Math.round(used / 1e6) : null;
}
