/** The address of the data hub is its state. Nothing here touches the page: texts in, texts out. */

export const LEVELS = ['city', 'district', 'street', 'community'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const CELL = /^(city|district|street|community)\.([a-z0-9_]+)$/;
const FEED = /^[a-z0-9_]+\.[a-z0-9_]+$/;
const KEPT = ['lang', 'theme'];

/**
 * What an address asks for. Values that cannot be are left out.
 *
 * @param {string} search
 * @returns {HubState}
 */
export function readHub(search) {
  const given = new URLSearchParams(search);
  /** @param {string} name @param {RegExp} form */
  const one = (name, form) => (form.test(given.get(name) ?? '') ? given.get(name) : null);
  return {
    city: given.get('city') || null,
    day: one('day', DAY),
    cell: readCell(given.get('cell') ?? ''),
    feed: one('feed', FEED),
    list: given.get('view') === 'list',
  };
}

/** @param {string} text @returns {HubPick | null} */
function readCell(text) {
  const [, level, department] = CELL.exec(text) ?? [];
  return level ? { level, department } : null;
}

/**
 * The query part of the address of a state, in the language and colours of the present one.
 *
 * @param {HubState} state
 * @param {string} [now]
 */
export function writeHub(state, now = '') {
  const made = new URLSearchParams();
  if (state.city) made.set('city', state.city);
  if (state.day) made.set('day', state.day);
  if (state.cell) made.set('cell', `${state.cell.level}.${state.cell.department}`);
  if (state.feed) made.set('feed', state.feed);
  if (state.list) made.set('view', 'list');
  const present = new URLSearchParams(now);
  for (const name of KEPT) if (present.get(name)) made.set(name, present.get(name) ?? '');
  const query = made.toString();
  return query ? `?${query}` : '';
}
