/** Asks the machine door for a step on many cases: in parts, each under a key of its own, so that nothing is done twice. */

import { newKey, post, sentenceOf } from '../server.js';
import { say } from '../facts.js';

/** A preview looks at so many cases at once, and a step is taken on so many. */
const LOOKED_AT = 1000;
const TAKEN = 200;

/**
 * @typedef {{number: string, ok: boolean, case_version: number | null, stage: string | null, unit: string | null, rule: number | null,
 *   fields: {field: string, code: string, sentence: string}[]}} Result
 * @typedef {{unit: string, n: number, open: number | null, rules: number[]}} Share
 * @typedef {{number: string, city?: string, version?: number, unit?: string}} Wish
 */

/** @template T @param {T[]} all @param {number} size */
const parts = (all, size) => Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

/**
 * What a step would do to each of some cases, and to units. Nothing is changed.
 *
 * @param {Record<string, unknown>} body Step and fields.
 * @param {Wish[]} wishes
 */
export async function lookAt(body, wishes) {
  /** @type {Result[]} */
  const results = [];
  /** @type {Map<string, Share>} */
  const shares = new Map();
  for (const some of parts(wishes, LOOKED_AT)) {
    const answer = await post('/api/cases/steps', { ...body, cases: some }, newKey(), new URLSearchParams({ preview: 'true' }));
    if (!answer.ok) return { fault: answer, results, shares: [] };
    results.push(...answer.body.results);
    for (const share of answer.body.units) {
      const known = shares.get(share.unit);
      if (known) {
        known.n += share.n;
        known.rules = [...new Set([...known.rules, ...share.rules])];
      } else shares.set(share.unit, share);
    }
  }
  return { fault: null, results, shares: [...shares.values()].toSorted((one, other) => other.n - one.n) };
}

/**
 * Whether a part that failed has changed nothing for sure: what was asked was refused as a whole, or the writer took it back.
 *
 * @param {import('../server.js').Answer} answer
 */
const isUntouched = ({ status, body }) =>
  (status >= 400 && status < 500 && ![408, 429].includes(status)) || body?.error?.code === 'not_done';

/** A step on many cases that is asked for once: asked again, it goes on where it stopped, under the same keys. */
export class Order {
  /**
   * @param {Record<string, unknown>} body Step and fields.
   * @param {Wish[]} wishes
   */
  constructor(body, wishes) {
    this.body = body;
    this.parts = parts(wishes, TAKEN).map((cases) => ({ cases, key: newKey() }));
    /** @type {Result[]} */
    this.results = [];
    this.total = wishes.length;
    this.next = 0;
    this.busy = false;
    /** Cases of the part that stopped it, where nobody knows whether the step was taken on them. @type {Wish[]} */
    this.unsure = [];
    /** When the first part was sent: what is done can be taken back from then on for a minute. */
    this.begun = 0;
  }

  /**
   * Take the step on what is left.
   *
   * @param {(done: number) => void} progress
   * @returns {Promise<string>} What stopped it, in words; empty where everything was asked.
   */
  async send(progress) {
    if (this.busy) return '';
    this.busy = true;
    this.unsure = [];
    try {
      for (; this.next < this.parts.length; this.next += 1) {
        const { cases, key } = this.parts[this.next];
        this.begun ||= Date.now();
        const answer = await post('/api/cases/steps', { ...this.body, cases }, key);
        if (!answer.ok) {
          this.unsure = isUntouched(answer) ? [] : cases;
          return sentenceOf(answer, say('not_sent'));
        }
        this.results.push(...answer.body.results);
        progress(this.results.length);
      }
      return '';
    } finally {
      this.busy = false;
    }
  }

  /** Those on which the step was taken. */
  get done() {
    return this.results.filter(({ ok }) => ok);
  }

  /** Those that did not take it, with their reasons. */
  get refused() {
    return this.results.filter(({ ok }) => !ok);
  }

  /** How many were not asked for yet, or not reached for sure. */
  get rest() {
    return this.total - this.results.length - this.unsure.length;
  }
}
