/** How many cases there are: by stage and deadline for the strip, and in each queue. Each facet is counted without its own filter. */

import { facts } from './facts.js';
import { get } from './server.js';
import { listQuery } from './state.js';

/**
 * @typedef {{n: number, more: boolean}} Count
 * @typedef {{total: Count, by_stage: Record<string, Count>, by_state: Record<string, Count>}} Counts
 */

/** What is being counted, so that the same is not asked for twice at once. @type {Map<string, Promise<Counts | null>>} */
const asked = new Map();

/**
 * @param {DeskState} state
 * @param {AbortSignal} signal
 */
function count(state, signal) {
  const query = listQuery(state, facts());
  query.set('limit', '1');
  query.set('counts', 'true');
  query.set('sort', '-reported_at');
  const name = String(query);
  const known = asked.get(name);
  if (known) return known;
  const found = get('/api/cases', query, signal)
    .then(({ ok, body }) => (ok ? /** @type {Counts} */ (body.counts) : null))
    .finally(() => asked.delete(name));
  asked.set(name, found);
  signal.addEventListener('abort', () => asked.delete(name), { once: true });
  return found;
}

/**
 * The numbers of the strip; null where they are not known, because nothing was answered: that is no zero.
 *
 * @param {DeskState} state
 * @param {AbortSignal} signal
 */
export async function countFacets(state, signal) {
  const [total, stages, states, held] = await Promise.all([
    count({ ...state, states: [], stages: [] }, signal),
    count({ ...state, stages: [] }, signal),
    count({ ...state, states: [] }, signal),
    count(state, signal),
  ]);
  return { total: total?.total ?? null, stages: stages?.by_stage ?? null, states: states?.by_state ?? null, held: held?.total ?? null };
}

/**
 * How many open cases each queue holds, without any filter.
 *
 * @param {DeskState} state
 * @param {string[]} queues
 * @param {AbortSignal} signal
 * @returns {Promise<Record<string, Count | undefined>>}
 */
export async function countQueues(state, queues, signal) {
  const plain = {
    ...state,
    states: [],
    stages: [],
    severities: [],
    categories: [],
    units: [],
    sources: [],
    q: '',
    through: {},
    within: null,
  };
  const found = await Promise.all(queues.map((queue) => count({ ...plain, queue }, signal)));
  return Object.fromEntries(queues.map((queue, n) => [queue, found[n]?.total]));
}

/** @param {Count | null | undefined} count */
export const countText = (count) => (count ? count.n.toLocaleString('en-US') + (count.more ? '+' : '') : '');

/**
 * How many cases of the list each category and each severity has, each without its own filter.
 *
 * @param {DeskState} state
 * @param {AbortSignal} signal
 * @returns {Promise<{categories: Record<string, Count>, severities: Record<string, Count>, complete: boolean} | null>}
 */
export async function countKinds(state, signal) {
  const query = listQuery(state, facts());
  query.delete('sort');
  const { ok, body } = await get('/api/cases/facets', query, signal);
  return ok ? { categories: body.by_category, severities: body.by_severity, complete: body.complete } : null;
}

/** How many open cases a saved filter finds. @param {DeskState} state @param {AbortSignal} signal */
export const countState = async (state, signal) => (await count(state, signal))?.total ?? null;

/**
 * A number of the rail; where counting stopped, one that is too small to say anything is left out.
 *
 * @param {Count | undefined} count
 * @param {boolean} complete
 */
export const kindText = (count, complete) =>
  count ? (count.more && count.n < 1000 ? '' : count.more && count.n === 1000 ? '999+' : countText(count)) : complete ? '0' : '';
