/** The desk's address is its state. Nothing here touches the page: texts in, texts out. */

export const OPEN_STATES = ['overdue', 'amber', 'on_time', 'paused'];
export const OPEN_STAGES = ['reported', 'filed', 'dispatched', 'in_progress', 'feedback'];
export const QUEUES = ['mine', 'unit', 'area', 'all'];
/** Earliest deadline first, and paused cases behind those whose time runs. */
export const FIRST_ORDER = 'urgency';
/** What the list can be sorted by, as the machine door calls it. */
export const ORDERS = [
  ...[
    'urgency',
    'due_at',
    'reported_at',
    'stage_at',
    'closed_at',
    'number',
    'category',
    'channel',
    'area',
    'severity',
    'stage',
    'unit',
    'assignee',
  ],
];
/** Names of the filters that hold several values, in the state and in the address. */
const MANY = {
  states: 'state',
  stages: 'stage',
  severities: 'severity',
  categories: 'category',
  units: 'unit',
  sources: 'source',
};
/** Conditions that a number of the figures leads to: the machine door is asked with them as they are. */
export const THROUGH = [
  ...['from', 'to', 'due_from', 'due_to', 'closed_from', 'closed_to', 'assignee', 'with_unit', 'with_assignee'],
  ...['indicator', 'part', 'weekday', 'hour', 'only_day', 'due_within'],
];
/** Every state of a case: chosen together, they leave nothing out. */
export const ENDED_STATES = ['closed', 'ended'];
export const ALL_STATES = [...OPEN_STATES, ...ENDED_STATES];
const KEPT = ['lang', 'theme'];
/** What is seen, and how, without changing which cases are listed. */
const SEEN = { case: null, entering: false, map: null, dim: /** @type {'2d'} */ ('2d'), measure: null };
const LONGEST = 200;
/** Whether the map is wanted where it is not usual, or not wanted where it is. */
const SHOWN = /** @type {const} */ (['on', 'off']);

/**
 * What an address asks for. Values that cannot be are left out.
 *
 * @param {string} search
 * @returns {DeskState}
 */
export function readState(search) {
  const given = new URLSearchParams(search);
  /** @param {string} name */
  const many = (name) => [...new Set((given.get(name) ?? '').split(',').filter(Boolean))];
  const order = given.get('sort') ?? '';
  const queue = given.get('queue') ?? '';
  return {
    queue: QUEUES.includes(queue) ? queue : 'area',
    area: given.get('area') || null,
    states: many('state'),
    stages: many('stage'),
    severities: many('severity'),
    categories: many('category'),
    units: many('unit'),
    sources: many('source'),
    q: (given.get('q') ?? '').trim().slice(0, LONGEST),
    sort: ORDERS.includes(order.replace(/^-/, '')) ? order : FIRST_ORDER,
    within: given.get('within') || null,
    map: SHOWN.find((one) => one === given.get('map')) ?? null,
    dim: given.get('dim') === '3d' ? '3d' : '2d',
    measure: given.get('measure') || null,
    entering: given.get('new') === '1',
    case: given.get('case') || null,
    city: given.get('case') ? given.get('city') || null : null,
    through: Object.fromEntries(THROUGH.flatMap((name) => (given.get(name) ? [[name, given.get(name) ?? '']] : []))),
  };
}

/**
 * The query part of the address of a state, in the language and colours of the present one.
 *
 * @param {DeskState} state
 * @param {string} now
 */
export function writeState(state, now = '') {
  const made = new URLSearchParams();
  if (state.queue !== 'area') made.set('queue', state.queue);
  if (state.area && state.queue !== 'all') made.set('area', state.area);
  for (const [name, key] of Object.entries(MANY)) {
    const values = state[/** @type {keyof typeof MANY} */ (name)];
    if (values.length) made.set(key, values.join(','));
  }
  for (const [name, value] of Object.entries(state.through ?? {})) made.set(name, value);
  if (state.q) made.set('q', state.q);
  if (state.within) made.set('within', state.within);
  if (state.sort !== FIRST_ORDER) made.set('sort', state.sort);
  if (state.map) made.set('map', state.map);
  if (state.dim === '3d') made.set('dim', '3d');
  if (state.measure) made.set('measure', state.measure);
  if (state.entering) made.set('new', '1');
  if (state.case) made.set('case', state.case);
  if (state.case && state.city) made.set('city', state.city);
  const present = new URLSearchParams(now);
  for (const name of KEPT) if (present.get(name)) made.set(name, present.get(name) ?? '');
  const text = made.toString().replaceAll('%2C', ',');
  return text ? `?${text}` : '';
}

/** Whether a choice of one state or stage is made; without one the list holds what is open. @param {DeskState} state */
export const hasStage = (state) => state.states.length > 0 || state.stages.length > 0;

/**
 * What the machine door is asked for the list of a state.
 *
 * @param {DeskState} state
 * @param {DeskFacts} facts
 */
export function listQuery(state, facts) {
  const made = new URLSearchParams();
  if (state.area && state.queue !== 'all') made.set('area', state.area);
  if (state.queue === 'mine') made.append('assignee', facts.me);
  const units = state.queue === 'unit' && !state.units.length ? facts.units : state.units;
  units.forEach((one) => made.append('unit', one));
  const states = hasStage(state) ? state.states : OPEN_STATES;
  if (!ALL_STATES.every((one) => states.includes(one))) states.forEach((one) => made.append('state', one));
  state.stages.forEach((one) => made.append('stage', one));
  state.severities.forEach((one) => made.append('severity', one));
  state.categories.forEach((one) => made.append('category', one));
  state.sources.forEach((one) => made.append('channel', one));
  for (const [name, value] of Object.entries(state.through ?? {})) {
    (name === 'assignee' ? value.split(',') : [value]).forEach((one) => made.append(name, one));
  }
  if (isSought(state.q)) made.set('q', state.q);
  if (state.within) made.set('within', state.within);
  made.set('sort', orderOf(state));
  return made;
}

/**
 * The order of a list. Of what has ended nothing is urgent: where nobody chose an order, the latest stand first.
 *
 * @param {DeskState} state
 */
export function orderOf(state) {
  const open = state.states.some((one) => OPEN_STATES.includes(one)) || state.stages.some((one) => OPEN_STAGES.includes(one));
  if (state.sort !== FIRST_ORDER || open || !hasStage(state)) return state.sort;
  return state.stages.length || state.states.includes('ended') ? '-reported_at' : '-closed_at';
}

/**
 * Whether a text can be sought: words of two characters or more, or the one with which a number begins.
 *
 * @param {string} q
 */
export const isSought = (q) => q !== '' && (q.split(/\s+/).some((word) => [...word].length > 1) || /^[0-9A-Za-z]$/.test(q));

/**
 * Whether words are sought among open cases only, so that an ended case would not be found.
 *
 * @param {DeskState} state
 */
export const endedToo = (state) => isSought(state.q) && !hasStage(state) && !Object.keys(state.through ?? {}).length;

/**
 * The same state with one value of a filter taken in, or out if it was in.
 *
 * @param {DeskState} state
 * @param {keyof typeof MANY} name
 * @param {string} value
 * @returns {DeskState}
 */
export function toggled(state, name, value) {
  const held = state[name];
  return { ...state, [name]: held.includes(value) ? held.filter((one) => one !== value) : [...held, value] };
}

/**
 * Whether two states show the same list.
 *
 * @param {DeskState} one
 * @param {DeskState} other
 */
export const sameList = (one, other) => writeState({ ...one, ...SEEN }) === writeState({ ...other, ...SEEN });
