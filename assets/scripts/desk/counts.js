/** How many cases there are: by stage and deadline for the strip, and in each queue. Each facet is counted without its own filter. */

import { facts } from './facts.js';
import { get } from './server.js';
import { listQuery } from './state.js';

/**
 * @typedef {{n: number, more: boolean}} Count
 * @typedef {{total: Count, by_stage: Record<string, Count>, by_state: Record<string, Count>}} Counts
 */

/** So many answers are kept: those of the filters that somebody looks at. */
const MOST_KEPT = 60;
/** An older answer is not shown again beside a filter that was left and comes back. */
const KEPT_MS = 120000;

/** What is being counted, so that the same is not asked for twice at once. @type {Map<string, Promise<Counts | null>>} */
const asked = new Map();
/** The newest answer to each question. A number is shown only where its own question was answered. @type {Map<string, {answer: any, at: number}>} */
const answers = new Map();

/** @param {string} question @param {any} answer */
function keep(question, answer) {
  answers.delete(question);
  answers.set(question, { answer, at: performance.now() });
  if (answers.size > MOST_KEPT) answers.delete(answers.keys().next().value ?? '');
  return answer;
}

/** What is asked to count the cases of a state. @param {DeskState} state */
function questionOf(state) {
  const query = listQuery(state, facts());
  query.set('limit', '1');
  query.set('counts', 'true');
  query.set('sort', '-reported_at');
  return query;
}

/** The newest answer to a question, unless it is old. @param {string} question */
function lately(question) {
  const kept = answers.get(question);
  return kept && performance.now() - kept.at < KEPT_MS ? kept.answer : undefined;
}

/** What was counted last for a state; nothing where it was not. @param {DeskState} state @returns {Counts | undefined} */
const known = (state) => lately(String(questionOf(state)));

/**
 * @param {DeskState} state
 * @param {AbortSignal} signal
 */
function count(state, signal) {
  const query = questionOf(state);
  const name = String(query);
  const open = asked.get(name);
  if (open) return open;
  const found = get('/api/cases', query, signal)
    .then(({ ok, body }) => (ok ? /** @type {Counts} */ (keep(name, body.counts)) : null))
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
  return facetsOf(await Promise.all(facetStates(state).map((one) => count(one, signal))));
}

/** The same as far as it was counted before. @param {DeskState} state */
export const knownFacets = (state) => facetsOf(facetStates(state).map(known));

/** The lists whose counts the strip shows: each facet without its own filter. @param {DeskState} state */
const facetStates = (state) => [{ ...state, states: [], stages: [] }, { ...state, stages: [] }, { ...state, states: [] }, state];

/** @param {(Counts | null | undefined)[]} counted */
function facetsOf([total, stages, states, held]) {
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
  const found = await Promise.all(queueStates(state, queues).map((one) => count(one, signal)));
  return Object.fromEntries(queues.map((queue, n) => [queue, found[n]?.total]));
}

/** The same as far as it was counted before. @param {DeskState} state @param {string[]} queues */
export const knownQueues = (state, queues) =>
  Object.fromEntries(queueStates(state, queues).map((one, n) => [queues[n], known(one)?.total]));

/** @param {DeskState} state @param {string[]} queues */
function queueStates(state, queues) {
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
  return queues.map((queue) => ({ ...plain, queue }));
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
  const query = kindsQuestion(state);
  const { ok, body } = await get('/api/cases/facets', query, signal);
  return ok ? keep(String(query), { categories: body.by_category, severities: body.by_severity, complete: body.complete }) : null;
}

/** @param {DeskState} state */
function kindsQuestion(state) {
  const query = listQuery(state, facts());
  query.delete('sort');
  return query;
}

/** The same as far as it was counted before. @param {DeskState} state @returns {Awaited<ReturnType<typeof countKinds>>} */
export const knownKinds = (state) => lately(String(kindsQuestion(state))) ?? null;

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
