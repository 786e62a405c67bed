import { deepStrictEqual as same } from 'node:assert';
import { countFacets, knownFacets, knownKinds } from '../../assets/scripts/desk/counts.js';
import { readState } from '../../assets/scripts/desk/state.js';
import { paintStrip } from '../../assets/scripts/desk/strip.js';
import { makePage } from './elements.js';

const strip =
  () => /** @type {import('./elements.js').Made} */ (makePage(['#strip'], { words: {}, icons: {}, lang: 'en', units: [] }).get('#strip'));
const count = (/** @type {number} */ n, more = false) => ({ n, more });

/** The numbers of the strip, in its order: all, five stages, four states. @param {any} facets */
function numbers(facets) {
  const host = strip();
  paintStrip(facets);
  return host.querySelectorAll('.count-value').map((one) => one.textContent);
}

Deno.test('what was not counted is a dash, and what was counted as none is a zero', () => {
  same(numbers(null), Array(10).fill('–'));
  const facets = { total: count(12), stages: { filed: count(3), feedback: count(1000, true) }, states: null, held: null };
  same(numbers(facets), ['12', '0', '3', '0', '0', '1,000+', '–', '–', '–', '–']);
  same(numbers({ total: null, stages: null, states: { overdue: count(7) }, held: count(7) }), [
    ...Array(6).fill('–'),
    ...['7', '0', '0', '0'],
  ]);
  same(numbers({ total: count(0), stages: {}, states: {}, held: count(0) }), Array(10).fill('0'));
});

Deno.test('a number is known only for the list for which it was counted', async () => {
  strip();
  const plain = globalThis.fetch;
  const answer = { counts: { total: count(5), by_stage: { filed: count(5) }, by_state: { overdue: count(2) } } };
  globalThis.fetch = () => Promise.resolve(new Response(JSON.stringify(answer)));
  try {
    const all = readState('?area=9');
    const counted = await countFacets(all, new AbortController().signal);
    same(knownFacets(all), counted);
    // Stages are counted without their own filter, so these numbers are right beside a stage that is chosen now; the others are not.
    const filed = knownFacets(readState('?area=9&stage=filed'));
    same(filed, { total: answer.counts.total, stages: answer.counts.by_stage, states: null, held: null });
    const late = knownFacets(readState('?area=9&state=overdue'));
    same(late, { total: answer.counts.total, stages: null, states: answer.counts.by_state, held: null });
    same(knownFacets(readState('?area=8')), { total: null, stages: null, states: null, held: null });
    same(knownKinds(all), null);
  } finally {
    globalThis.fetch = plain;
  }
});
