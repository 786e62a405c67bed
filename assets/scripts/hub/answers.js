/** What the machine door says, as the page reckons with it. Nothing here touches the page. */

import { daysBetween, shiftDay } from './reckoning.js';

/** @param {any} body Of `/api/hub`. @returns {HubAnswer} */
export function readMatrix({ day, departments, levels, cells, totals, worst }) {
  const { by_state: states, on_time_share: share } = totals;
  return {
    day: day ?? '',
    departments,
    levels: levels.map((/** @type {any} */ one) => one.level),
    on_time: Object.fromEntries(levels.map((/** @type {any} */ one) => [one.level, one.on_time_share?.value ?? null])),
    cells,
    totals: { ...totals, feed_states: states, on_time_share: share.value, on_time: share.numerator, due: share.denominator },
    worst,
  };
}

/** @param {any} body Of `/api/hub/history`. @returns {HubHistory | null} */
export function readHistory({ days }) {
  if (!days.length) return null;
  const told = days.map((/** @type {any} */ { day, feeds }) => ({ day, late: feeds.late, failed: feeds.failed }));
  return { first: told[0].day, last: told.at(-1).day, days: told };
}

/**
 * A department's weeks at each level, the last one with the day in it; null where nothing is known of a week.
 *
 * @param {any} body Of `/api/hub/departments/…`.
 * @param {string} last
 * @param {number} weeks
 */
export function readWeeks({ levels }, last, weeks) {
  const weekday = (new Date(`${last}T00:00:00Z`).getUTCDay() + 6) % 7;
  const first = shiftDay(last, -weekday - 7 * (weeks - 1));
  return levels.map((/** @type {any} */ { level, weeks: told }) => {
    /** @type {({state: string, first: string} | null)[]} */
    const made = Array.from({ length: weeks }, () => null);
    for (const { monday, state } of told) {
      const n = Math.round(daysBetween(first, monday) / 7);
      if (n >= 0 && n < weeks) made[n] = { state, first: monday };
    }
    return { level, weeks: made };
  });
}

/**
 * Deliveries as the panel lists them: beside those that came the one that is missing now.
 *
 * @param {any} told Of `/api/feeds/…`.
 */
export function readDeliveries({ deliveries, now }) {
  /** @type {any[]} */
  const rows = deliveries.map((/** @type {any} */ one) => ({ ...one, tone: toneOfDelivery(one) }));
  const missing = ['late', 'never'].includes(now.state) && now.due_at && !rows.some(({ due_at: due }) => due === now.due_at);
  return missing ? [{ ...now, received_at: null, tone: now.state }, ...rows] : rows;
}

/** @param {any} delivery */
function toneOfDelivery({ state, due_at: due, received_at: received }) {
  if (state === 'failed' || state === 'empty') return state;
  if (state === 'received' || state === 'landing') return 'not_due';
  return due && Date.parse(received) > Date.parse(due) ? 'late' : 'on_time';
}

/**
 * The version of a contract that held on a day, else the first one.
 *
 * @param {any[]} contracts The newest first.
 * @param {string} day
 */
export const contractOn = (contracts, day) => contracts.find(({ since }) => since <= day) ?? contracts.at(-1) ?? null;
