/** Takes back what an order did, case by case, as far as each still stands as the step left it. */

import { Order } from './sending.js';

export class TakingBack {
  /** @param {Order} order */
  constructor(order) {
    this.cities = new Map(order.parts.flatMap(({ cases }) => cases.map(({ number, city }) => [number, city])));
    /** Versions before the step of those of which nobody knows whether they took it. */
    this.unsure = new Map(order.unsure.map(({ number, version }) => [number, version ?? 0]));
    const done = order.done.map(({ number, case_version }) => this.wish(number, case_version));
    // If they took it they usually stand one version further; if not, they refuse. The writer answers behind the step itself.
    const guessed = [...this.unsure].map(([number, version]) => this.wish(number, version + 1));
    this.first = new Order({ step: 'undo' }, [...done, ...guessed]);
    /** @type {Order | null} */
    this.second = null;
  }

  /** @param {string} number @param {number | null} version */
  wish(number, version) {
    return { number, city: this.cities.get(number), version: version ?? undefined };
  }

  /** Ask for it; asked again, it goes on where it stopped. @returns {Promise<string>} What stopped it, in words. */
  async send() {
    const stopped = await this.first.send(() => {});
    if (stopped) return stopped;
    // A case that was changed here for the first time may stand further than by one.
    this.second ??= new Order({ step: 'undo' }, this.moved.map(({ number, case_version }) => this.wish(number, case_version)));
    return this.second.send(() => {});
  }

  /** Refused, because they stand at another version than was guessed. */
  get moved() {
    return this.first.refused.filter(({ number, case_version }) =>
      this.unsure.has(number) && case_version !== null && case_version > (this.unsure.get(number) ?? 0) + 1
    );
  }

  /** Those that did not take the step in the first place: there is nothing to take back. */
  get untouched() {
    return this.first.refused.filter(({ number, case_version }) => this.unsure.has(number) && case_version === this.unsure.get(number));
  }

  /** Those that stand again as they did before. */
  get done() {
    return [...this.first.done, ...(this.second?.done ?? [])];
  }

  /** Those that could not be taken back, with their reasons. */
  get refused() {
    const others = new Set([...this.untouched, ...(this.second ? this.moved : [])]);
    return [...this.first.refused.filter((one) => !others.has(one)), ...(this.second?.refused ?? [])];
  }

  /** How many of those that took the step still stand as it left them, or may. */
  get left() {
    return this.first.total - this.untouched.length - this.done.length;
  }
}
