/** From a number of the figures to the cases behind it: addresses of the desk, and how the desk names what it was asked. Texts in, texts out. */

/** Names of filters at the machine door, as the desk's address calls them. */
const AT_DESK = { area: 'area', state: 'state', stage: 'stage', category: 'category', channel: 'source', unit: 'unit' };
const ALL_STATES = 'overdue,amber,on_time,paused,closed,ended';
/** Spans of days, with the sentence that names each. */
const SPANS = [['from', 'to', 'behind_reported'], ['due_from', 'due_to', 'behind_due'], ['closed_from', 'closed_to', 'behind_closed']];

/**
 * The desk's address for a list of the machine door: it holds the same cases.
 *
 * @param {string} list Such as `/api/cases?area=1&closed_from=2026-10-01&indicator=rework_rate`.
 */
export function deskAddress(list) {
  const asked = new URLSearchParams(list.slice(list.indexOf('?') + 1));
  const made = new URLSearchParams();
  for (const name of new Set(asked.keys())) {
    const known = AT_DESK[/** @type {keyof typeof AT_DESK} */ (name)] ?? name;
    made.set(known, asked.getAll(name).join(','));
  }
  // Without a state or stage the desk shows what is open.
  if (!made.has('state') && !made.has('stage')) made.set('state', ALL_STATES);
  return `/desk?${made.toString().replaceAll('%2C', ',')}`;
}

/**
 * What the conditions of a number are called, each with the names that it is made of.
 *
 * @param {Record<string, string>} through
 * @param {Say} say
 * @returns {{names: string[], text: string}[]}
 */
export function throughTexts(through, say) {
  const found = SPANS.flatMap(([first, last, sentence]) => {
    if (!through[first] && !through[last]) return [];
    return [{ names: [first, last], text: say(sentence, { first: through[first] ?? '…', last: through[last] ?? '…' }) }];
  });
  if (through.indicator) {
    const name = say(`indicator_${through.indicator}`);
    found.push({ names: ['indicator', 'part'], text: say(`behind_${through.part || 'denominator'}`, { name }) });
  }
  if (through.weekday || through.hour) {
    const day = through.weekday ? say(`weekday_${through.weekday}`) : '';
    const hour = through.hour ? say('behind_hour', { hour: through.hour }) : '';
    found.push({ names: ['weekday', 'hour'], text: [day, hour].filter(Boolean).join(' ') });
  }
  if (through.due_within) found.push({ names: ['due_within'], text: say('behind_due_within', { hours: through.due_within }) });
  if (through.assignee) found.push({ names: ['assignee'], text: through.assignee });
  for (const name of ['with_unit', 'with_assignee', 'only_day']) {
    if (through[name]) found.push({ names: [name], text: say(`behind_${name}_${through[name]}`) });
  }
  return found;
}

/**
 * The conditions without some.
 *
 * @param {Record<string, string>} through
 * @param {string[]} names
 */
export const without = (through, names) => Object.fromEntries(Object.entries(through).filter(([name]) => !names.includes(name)));
