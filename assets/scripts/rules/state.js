/** The address of the page of rules is its state. Nothing here touches the page: texts in, texts out. */

export const TABS = ['routing', 'deadlines', 'calendar', 'duplicates'];
const KEPT = ['lang', 'theme'];

/**
 * @typedef {{tab: string, city: string | null, year: number | null, old: boolean}} RulesState
 */

/**
 * What an address asks for. Values that cannot be are left out.
 *
 * @param {string} search
 * @returns {RulesState}
 */
export function readState(search) {
  const given = new URLSearchParams(search);
  const tab = given.get('tab') ?? '';
  const year = Number(given.get('year'));
  return {
    tab: TABS.includes(tab) ? tab : TABS[0],
    city: given.get('city') || null,
    year: year >= 1970 && year <= 2200 ? year : null,
    old: given.get('old') === '1',
  };
}

/**
 * The query part of the address of a state, in the language and colours of the present one.
 *
 * @param {RulesState} state
 * @param {string} [now]
 */
export function writeState(state, now = '') {
  const made = new URLSearchParams();
  if (state.tab !== TABS[0]) made.set('tab', state.tab);
  if (state.city) made.set('city', state.city);
  if (state.year && state.tab === 'calendar') made.set('year', String(state.year));
  if (state.old && state.tab === 'deadlines') made.set('old', '1');
  const present = new URLSearchParams(now);
  for (const name of KEPT) if (present.get(name)) made.set(name, present.get(name) ?? '');
  const text = made.toString();
  return text ? `?${text}` : '';
}

/**
 * A rule with what changed; its place is kept.
 *
 * @template T
 * @param {T[]} list
 * @param {number} from
 * @param {number} to
 * @returns {T[]}
 */
export function moved(list, from, to) {
  if (to < 0 || to >= list.length) return list;
  const made = [...list];
  made.splice(to, 0, ...made.splice(from, 1));
  return made;
}

/**
 * A time as the form shows it: a number and its unit.
 *
 * @param {string | null | undefined} text Such as `4 working_hours`.
 */
export function splitTime(text) {
  const [amount = '', unit = 'hours'] = (text ?? '').split(' ');
  return { amount, unit };
}

/**
 * Whether a rule is of the past, holds today, or is to come.
 *
 * @param {{valid_from: string | null, valid_to: string | null}} rule
 * @param {string} today
 */
export function phase(rule, today) {
  if (rule.valid_to && rule.valid_to < today) return 'over';
  return rule.valid_from && rule.valid_from > today ? 'coming' : 'now';
}

/**
 * The class of a share on a ramp of six.
 *
 * @param {number} share 0 to 1.
 */
export const shareClass = (share) => share <= 0 ? -1 : Math.min(5, Math.floor(share * 6));
