/** The parts of a case's drawer: deadline with its reasons, people, place, photos and the time line. Elements made from an answer. */

import { element } from '../dom.js';
import { go } from './address.js';
import { addressed } from './case/key.js';
import { assigneeOf, box, categoryOf, severityName, stageName, unitOf } from './cells.js';
import { area, now } from './city.js';
import { facts, inLanguage, known, say } from './facts.js';
import { fieldName } from './fields.js';
import { icon } from './icons.js';
import { deadline, spanText } from './moments.js';

/** The account of steps that nobody takes: dispatches by the rules of routing, and ends of pauses. See data/cases/states.py. */
const BY_RULE = '@rules';

/** @param {string} title @param {string} aside @param {...(Node | string | null)} inside */
function section(title, aside, ...inside) {
  return box('section', 'part', box('div', 'part-head', box('h3', '', title), aside ? element('span', 'dim', aside) : null), ...inside);
}

/** Deadline, severity and stage in one look. @param {CaseTold} told */
export function chips({ case: row, history }) {
  const reminders = history.filter(({ step }) => step === 'remind');
  const state = row.state ?? 'ended';
  const { text } = deadline(row, now(), say);
  return box(
    'div',
    'tags',
    box('span', `tag tag-${state}`, icon(state, 14, 2), element('span', '', state === 'paused' ? pausedText(row) : text)),
    element('span', 'tag', severityName(row.severity)),
    element('span', 'tag tag-here', stageName(row.stage)),
    row.paused && state !== 'paused' ? element('span', 'tag', pausedText(row)) : null,
    row.reworked ? element('span', 'tag', say('reworked', { n: row.reworked })) : null,
    row.reopened ? element('span', 'tag', say('reopened', { n: row.reopened })) : null,
    reminders.length
      ? element(
        'span',
        'tag',
        say('reminded', { n: reminders.length, time: area().clock.moment(reminders[reminders.length - 1].at, now()) }),
      )
      : null,
  );
}

/** Until when a case is paused, where that was granted. @param {CaseTold['case']} row */
const pausedText = ({ paused_until: until }) =>
  until ? say('paused_until', { time: area().clock.moment(until, now()) }) : say('state_paused');

/** Why the deadline is what it is, line by line; the result is bold. @param {CaseTold} told */
export function why({ case: row, deadline: due }) {
  const lines = due.lines.map(({ kind, text }) => element('li', `why-${kind}`, text));
  const when = row.due_at ? say('due', { moment: area().clock.moment(row.due_at, now()) }) : '';
  return section(say('why_deadline'), when, box('ol', 'why', ...lines));
}

/** @param {string} name @param {string} below @param {Node | null} right */
function person(name, below, right) {
  const mark = element('span', 'avatar', [...name][0] ?? '?');
  mark.setAttribute('aria-hidden', 'true');
  return box('div', 'person-row', mark, box('div', 'person-words', element('b', '', name), element('span', 'dim', below)), right);
}

/**
 * Who is responsible: the unit, whoever works on it, and the head of the cell with the telephone that this person may see.
 *
 * @param {CaseTold} told
 * @param {any} place The cell's report, or null.
 * @param {(of: string, key: string, city?: string) => void} reveal
 */
export function people({ case: row }, place, reveal) {
  const unit = unitOf(row);
  const lines = [];
  if (unit) {
    const known = area().everyUnit.find(({ city, code }) => city === row.city && code === row.unit);
    const leads = inLanguage(known?.head, known?.head_en);
    const below = [
      row.assignee ? say('assigned_to', { who: assigneeOf(row) }) : say('unit_word'),
      leads ? say('led_by', { who: leads }) : '',
    ]
      .filter(Boolean).join(' · ');
    lines.push(person(unit, below, phone(known?.phone ?? null, unit, () => reveal('unit', row.unit ?? '', row.city))));
  }
  const head = place?.head;
  const who = head ? inLanguage(head.name, head.name_en) || inLanguage(head.body, head.body_en) : '';
  if (who) {
    const title = inLanguage(head.title, head.title_en) || say('head_word');
    lines.push(
      person(who, `${title} · ${inLanguage(place.name, place.name_en)}`, phone(head.phone, who, () => reveal('head', place.code))),
    );
  }
  return section(say('responsible'), '', ...(lines.length ? lines : [element('p', 'dim', say('nobody_named'))]));
}

/**
 * A telephone: to be called where it is whole, to be asked for where this person may, and masked otherwise.
 *
 * @param {string | null} number
 * @param {string} who
 * @param {() => void} reveal
 */
function phone(number, who, reveal) {
  if (!number) return null;
  if (!number.includes('*')) {
    const made = box('a', 'phone', icon('call', 14), number);
    made.href = `tel:${number.replaceAll(' ', '')}`;
    return made;
  }
  if (!facts().can.call) return element('span', 'dim', number);
  const made = box('button', 'phone', icon('call', 14), number);
  made.type = 'button';
  made.title = say('show_number');
  made.setAttribute('aria-label', `${say('show_number')}: ${who}, ${number}`);
  made.addEventListener('click', reveal);
  return made;
}

/** @param {CaseTold} told @param {(of: string, key: string, city: string) => void} reveal */
export function reporters({ case: row, reporters: found }, reveal) {
  if (!found?.length) return null;
  /** @type {HTMLElement[]} */
  const lines = found.map(({ name, phone: number, merged_from: merged }) =>
    person(name || say('no_name'), [number, merged ? say('merged_from', { number: merged }) : ''].filter(Boolean).join(' · '), null)
  );
  if (facts().can.reveal) {
    const ask = box('button', 'small second', say('show_reporter'));
    ask.type = 'button';
    ask.addEventListener('click', () => reveal('reporter', row.number, row.city));
    lines.push(ask);
  }
  return section(say('reported_by'), '', ...lines);
}

/** Where it is: address, the areas above, and the way to the map. @param {CaseTold} told @param {any} place @param {DeskCase | null} listed */
export function where({ case: row }, place, listed) {
  const names = place ? [...place.ancestors, place].map((one) => inLanguage(one.name, one.name_en)) : [];
  const search = new URLSearchParams({ area: row.grid });
  if (listed) search.set('incident', listed.key);
  const link = box('a', 'plain-link', icon('place', 14), say('on_map'));
  link.href = `/?${search}`;
  const known = row.lon !== null && row.lat !== null;
  return section(
    say('column_place'),
    '',
    row.address ? element('p', '', row.address) : null,
    names.length ? element('p', 'dim', names.slice(-4).join(' › ')) : null,
    box('p', '', link, known ? null : element('span', 'dim', ` ${say('no_place')}`)),
  );
}

/** @param {CaseTold} told */
export function description({ case: row }) {
  return row.description ? section(say('description'), '', element('p', 'words', row.description)) : null;
}

/** What the reporter was told, word by word. @param {string} text */
const replied = (text) => box('blockquote', 'words reply', element('span', 'dim', say('reply_kept')), element('p', '', text));

/**
 * Who took a step: a person, or the rules of routing; or that a pause was over. What is invented or published may be there in English, too.
 *
 * @param {{actor?: string | null, account?: string | null, details?: Record<string, any>, step?: string}} event
 */
export function actorOf({ actor, account, details, step }) {
  if ([actor, account].includes(BY_RULE)) return say(step === 'resume' ? 'pause_over' : 'the_rules');
  return inLanguage(actor || account, details?.actor_en);
}

/** @param {string} name @param {string} value */
const pair = (name, value) => say('name_value', { name, value });

/** What else an event says. @param {CaseEventTold} event @param {CaseEventTold[]} history */
function wordsOf(event, history) {
  const told = ['reason', 'approver'].filter((name) => event.details[name]).map((name) => pair(fieldName(name), event.details[name]));
  if (event.details.until) told.push(pair(say('until_moment'), area().clock.moment(event.details.until, now())));
  for (const name of ['answered', 'solved', 'satisfied']) {
    if (typeof event.details[name] === 'boolean') told.push(pair(fieldName(name), say(event.details[name] ? 'yes' : 'no')));
  }
  if (event.details.assignee) told.unshift(say('assigned_to', { who: event.details.assignee_shown ?? event.details.assignee }));
  const undone = history.find(({ seq }) => seq === event.details.undone);
  if (undone) told.unshift(pair(say('event_undone'), undone.step_name));
  if (event.details.severity) told.push(pair(say('severities'), severityName(event.details.severity)));
  const remark = inLanguage(event.remark, event.details.remark_en);
  return remark ? [remark, ...told] : told;
}

/**
 * The history as a time line, the newest first: who did what, when, and how long the stage before it took.
 *
 * @param {CaseTold} told
 */
export function timeLine({ case: row, history }) {
  const ended = !['reported', 'filed', 'dispatched', 'in_progress', 'feedback'].includes(row.stage);
  const first = history[0] ? Date.parse(history[0].at) : Date.parse(row.reported_at);
  const last = ended && history.length ? Date.parse(history[history.length - 1].at) : now();
  const lines = history.map((event, place) => {
    const before = history[place - 1];
    const took = before ? spanText(Date.parse(event.at) - Date.parse(before.at), say) : '';
    const title = event.step === 'stage' ? stageTitle(event.stage) : event.step_name;
    const unit = event.unit ? area().units.get(event.unit) ?? event.unit : '';
    const who = [actorOf(event), unit].filter(Boolean).join(' · ');
    return box(
      'li',
      place === history.length - 1 ? 'here' : '',
      box('div', 'event', element('b', '', title), element('span', 'dim', area().clock.moment(event.at, now()))),
      box('div', 'event dim', element('span', '', who), span(took, event.late)),
      place === history.length - 1 && !ended ? present(row, row.stage_at ?? sinceOf(history)) : null,
      ...wordsOf(event, history).map((text) => element('p', 'words', text)),
      ...casesOf(event, row.city),
      event.details.reply ? replied(event.details.reply) : null,
    );
  });
  const aside = say(ended ? 'took_all' : 'so_far', { span: spanText(last - first, say) });
  return section(say('time_line'), aside, box('ol', 'time-line', ...lines.reverse()));
}

/** How long the stage before took; in red, and in words, where that was too long. @param {string} took @param {boolean} late */
const span = (took, late) =>
  late ? box('span', 'late', took, element('span', 'unseen', ` ${say('took_too_long')}`)) : element('span', '', took);

/** When the stage began that the last step left the case in. @param {CaseEventTold[]} history */
function sinceOf(history) {
  const { stage } = history[history.length - 1];
  const before = history.findLastIndex((one) => one.stage !== stage);
  return history[before + 1].at;
}

/**
 * For how long the case has been in its present stage; in red where that is too long, or the case's own deadline passed in it.
 *
 * @param {CaseTold['case']} row
 * @param {string} since
 */
function present(row, since) {
  const until = Date.parse(row.stage_due_at ?? (row.due_at && row.due_at >= since ? row.due_at : '')) || Infinity;
  const late = until < now() && !row.paused;
  const lasts = spanText(now() - Date.parse(since), say);
  return box('div', 'event dim', element('span', '', say('here_for', { stage: stageName(row.stage) })), span(lasts, late));
}

/** Cases that an event names, each a way to it. @param {CaseEventTold} event @param {string} city */
function casesOf({ details }, city) {
  return ['into', 'made', 'split_from', 'from'].filter((name) => details[name]?.length).map((name) => {
    const links = [details[name]].flat().map((number) => {
      const link = box('button', 'linked', number);
      link.type = 'button';
      link.addEventListener('click', () => go(addressed({ number, city })));
      return link;
    });
    return box('p', 'words', `${say(`event_${name}`)} `, ...links.flatMap((link, n) => (n ? [' ', link] : [link])));
  });
}

/** What a published stage is called in a history. @param {string} stage */
const stageTitle = (stage) => (known(`done_${stage}`) ? say(`done_${stage}`) : stageName(stage));

/** What stands under the title. @param {CaseTold} told */
export const subtitle = ({ case: row }) => [categoryOf(row), row.number, say(`source_${row.channel}`)].join(' · ');
