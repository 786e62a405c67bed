/** Two thousand cases at once, part by part, with a server that goes away in the middle: nothing is lost, nothing is done twice. */

import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { Order } from '../../assets/scripts/desk/many/sending.js';
import { TakingBack } from '../../assets/scripts/desk/many/taking_back.js';

const CASES = 2000;

/** A server that does what the real one does with a step and its key, and may fail. */
class Server {
  constructor() {
    /** Version and number of steps of each case. @type {Map<string, {version: number, steps: string[]}>} */
    this.cases = new Map(Array.from({ length: CASES }, (_, n) => [`N${n}`, { version: 3, steps: [] }]));
    /** What was answered under each key. @type {Map<string, any>} */
    this.told = new Map();
    /** Keys in the order in which they were asked for, with how many cases. @type {[string, number][]} */
    this.asked = [];
    /** How requests fail: by their place. @type {Record<number, 'before' | 'half' | 'after' | 'refused'>} */
    this.fails = {};
    globalThis.document =
      /** @type {any} */ ({ querySelector: () => ({ getAttribute: () => '{"words": {}, "lang": "zh", "csrf": "x"}' }) });
    globalThis.fetch = (_, options) => Promise.resolve(this.answer(/** @type {RequestInit} */ (options)));
  }

  /** @param {RequestInit} options */
  answer(options) {
    const body = JSON.parse(String(options.body));
    const key = new Headers(options.headers).get('Idempotency-Key') ?? '';
    const how = this.fails[this.asked.length];
    this.asked.push([key, body.cases.length]);
    if (how === 'refused') return Response.json({ error: { code: 'out_of_reach', sentence: 'no' } }, { status: 403 });
    if (how === 'before') return Response.json({ error: { code: 'broken', sentence: 'away' } }, { status: 500 });
    const results = this.told.get(key) ?? new Map();
    const reached = how === 'half' ? body.cases.slice(0, body.cases.length / 2) : body.cases;
    for (const wish of reached) if (!results.has(wish.number)) results.set(wish.number, this.take(body.step, wish));
    this.told.set(key, results);
    if (how) return Response.json({ error: { code: 'broken', sentence: 'away' } }, { status: 500 });
    return Response.json({ results: body.cases.map((/** @type {any} */ { number }) => results.get(number)) });
  }

  /** @param {string} step @param {{number: string, version: number}} wish */
  take(step, wish) {
    const held = /** @type {{version: number, steps: string[]}} */ (this.cases.get(wish.number));
    const fault = wish.version !== held.version ? 'changed' : step === 'undo' && held.steps.at(-1) !== 'dispatch' ? 'nothing' : '';
    if (!fault) {
      held.version += 1;
      if (step === 'undo') held.steps.pop();
      else held.steps.push(step);
    }
    const fields = fault ? [{ field: 'version', code: fault, sentence: fault }] : [];
    return { number: wish.number, ok: !fault, case_version: held.version, stage: 'x', unit: null, rule: null, fields };
  }

  /** How many cases have had so many steps. @param {number} n */
  with(n) {
    return [...this.cases.values()].filter(({ steps }) => steps.length === n).length;
  }
}

const order = () => new Order({ step: 'dispatch' }, Array.from({ length: CASES }, (_, n) => ({ number: `N${n}`, city: 'c', version: 3 })));
const none = () => {};

Deno.test('two thousand cases go in ten parts, and each is told of', async () => {
  const server = new Server();
  const [made, progress] = [order(), /** @type {number[]} */ ([])];
  is(await made.send((n) => progress.push(n)), '');
  same(progress, [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]);
  same([made.done.length, made.rest, made.unsure.length, server.with(1)], [2000, 0, 0, 2000]);
});

for (const [how, taken] of /** @type {['before' | 'half' | 'after', number][]} */ ([['before', 600], ['half', 700], ['after', 800]])) {
  Deno.test(`where the fourth part is lost ${how}, what is done and what is not is known, and going on does nothing twice`, async () => {
    const server = new Server();
    server.fails = { 3: how };
    const made = order();
    is(await made.send(none), 'away');
    same([made.done.length, made.refused.length, made.unsure.length, made.rest], [600, 0, 200, 1200]);
    same([server.asked.length, server.with(1)], [4, taken]);
    is(await made.send(none), '');
    is(server.asked[4][0], server.asked[3][0], 'under the same key');
    same([made.done.length, made.unsure.length, made.rest, server.with(1), server.with(2)], [2000, 0, 0, 2000, 0]);
  });

  Deno.test(`what was done is taken back, also of the part that was lost ${how}, and nothing else is touched`, async () => {
    const server = new Server();
    server.fails = { 3: how, 5: 'after' };
    const made = order();
    await made.send(none);
    const somebody = /** @type {{version: number, steps: string[]}} */ (server.cases.get('N1'));
    somebody.steps.push('accept');
    somebody.version += 1;
    const back = new TakingBack(made);
    is(await back.send(), 'away', 'taking back stops, too');
    is(await back.send(), '', 'and goes on');
    same([back.done.length, back.left, back.refused.map(({ number }) => number)], [taken - 1, 1, ['N1']]);
    same([server.with(0), server.with(2)], [CASES - 1, 1]);
  });
}

Deno.test('a case that stands further than by one step is found, and taken back', async () => {
  const server = new Server();
  server.fails = { 3: 'after' };
  const made = order();
  await made.send(none);
  for (const number of ['N600', 'N799']) /** @type {any} */ (server.cases.get(number)).version = 9;
  const back = new TakingBack(made);
  is(await back.send(), '');
  same([back.done.length, back.left, back.refused.length, server.with(1)], [800, 0, 0, 0]);
});

Deno.test('a part that is refused as a whole was not done', async () => {
  const server = new Server();
  server.fails = { 3: 'refused' };
  const made = order();
  is(await made.send(none), 'no');
  same([made.done.length, made.unsure.length, made.rest, server.with(1)], [600, 0, 1400, 600]);
});
