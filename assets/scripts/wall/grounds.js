/** The maps of scenes: fetched when they are needed, or a little before, and kept while they are young and there is room. */

import { facts } from '../desk/facts.js';
import { fetchJson } from '../map/json_cache.js';
import { ALONE } from '../page/presence.js';

/** @typedef {{title: string, classes: [string, string][], breaks: string[], span: string, note: string}} Legend */
/** @typedef {{spec: Spec, legend: Legend}} Ground */
/** @typedef {import('./tour/shown.js').Look} Look */

/** Areas change their colours slowly. */
const FRESH_MS = 300000;
const MOST_KEPT = 12;
const PATIENCE_MS = 60000;

/** @param {Look} look @returns {string} */
function addressOf({ area, measure, layers }) {
  const query = new URLSearchParams({ lang: facts().lang });
  if (area) query.set('area', area);
  if (measure) query.set('measure', measure);
  if (layers.length) query.set('layers', layers.join(','));
  return `/wall/map?${query}`;
}

export class Grounds {
  /** @param {(address: string) => Promise<Ground>} [ask] */
  constructor(ask = fetchGround) {
    this.ask = ask;
    /** By address, those not wanted for longest first. @type {Map<string, {at: number, ground: Ground}>} */
    this.kept = new Map();
    /** @type {Map<string, Promise<Ground>>} */
    this.asked = new Map();
  }

  /** Milliseconds for which the ground of a look is still good. @param {Look} look */
  freshMs(look) {
    const kept = this.kept.get(addressOf(look));
    return kept ? Math.max(0, kept.at + FRESH_MS - performance.now()) : 0;
  }

  /** Whatever is kept is asked for again before it is shown as new. */
  expire() {
    for (const one of this.kept.values()) one.at = -Infinity;
  }

  /**
   * The ground of a look.
   *
   * @param {Look} look
   * @returns {Promise<Ground>}
   */
  bring(look) {
    const address = addressOf(look);
    const kept = this.kept.get(address);
    if (kept && performance.now() - kept.at < FRESH_MS) {
      this.keep(address, kept);
      return Promise.resolve(kept.ground);
    }
    const asked = this.asked.get(address) ?? this.fetch(address, kept);
    this.asked.set(address, asked);
    return asked;
  }

  /** @param {string} address @param {{at: number, ground: Ground} | undefined} before */
  async fetch(address, before) {
    try {
      const told = await this.ask(address);
      const ground = before && JSON.stringify(before.ground) === JSON.stringify(told) ? before.ground : told;
      this.keep(address, { at: performance.now(), ground });
      return ground;
    } finally {
      this.asked.delete(address);
    }
  }

  /** @param {string} address @param {{at: number, ground: Ground}} kept */
  keep(address, kept) {
    this.kept.delete(address);
    this.kept.set(address, kept);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) return;
      this.kept.delete(oldest);
    }
  }
}

/** @param {string} address @returns {Promise<Ground>} */
async function fetchGround(address) {
  const answer = await fetch(address, { headers: ALONE, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`map: ${answer.status}`);
  const ground = /** @type {Ground} */ (await answer.json());
  // What the map draws lies at addresses of its own: asked for now, it is here when the scene is shown. Tiles depend on the camera.
  isWhole(ground);
  return ground;
}

/** Whether all that lies at addresses is here; the rest is asked for. @param {Ground} ground */
export const isWhole = ({ spec }) =>
  /** @type {any[]} */ (spec.layers).map(({ data }) => typeof data !== 'string' || data.includes('{') || fetchJson(data) !== null)
    .every(Boolean);
