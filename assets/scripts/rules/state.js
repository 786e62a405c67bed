/** The address of the page of rules is its state. Nothing here touches the page: texts in, texts out. */

export const TABS = ['routing', 'deadlines', 'calendar', 'duplicates', 'weights'];
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

/**
 * A share in per cent, exactly: the point moves two places.
 *
 * @param {string} text Such as `0.925`.
 */
export function toPercent(text) {
  const [whole, rest = ''] = text.split('.');
  const digits = rest.padEnd(2, '0');
  const after = digits.slice(2).replace(/0+$/, '');
  return `${BigInt(whole + digits.slice(0, 2))}${after ? `.${after}` : ''}`;
}

/**
 * Per cent as a share; what is no number stays as it was written, for the server to say so.
 *
 * @param {string} text Such as `92.5`.
 */
export function fromPercent(text) {
  if (!/^\d{1,6}(\.\d*)?$/.test(text)) return text;
  const [whole, rest = ''] = text.split('.');
  const digits = whole.padStart(3, '0');
  const after = `${digits.slice(-2)}${rest}`.replace(/0+$/, '');
  return `${BigInt(digits.slice(0, -2))}${after ? `.${after}` : ''}`;
}

/**
 * Weights as whole per cents of their sum, for reading.
 *
 * @param {{weight: string}[]} parts
 */
export function weightShares(parts) {
  const sum = parts.reduce((all, { weight }) => all + Number(weight), 0) || 1;
  return parts.map(({ weight }) => Math.round(Number(weight) / sum * 1000) / 10);
}
