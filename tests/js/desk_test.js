import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { clockOf, dayIn, deadline, spanText } from '../../assets/scripts/desk/moments.js';
import { lostOf } from '../../assets/scripts/desk/pasting.js';
import { inOrder, leadsOn } from '../../assets/scripts/desk/steps.js';
import { Pages } from '../../assets/scripts/desk/pages.js';
import { formDraft, parseDraft } from '../../assets/scripts/desk/drafts.js';
import { endedToo, isSought, listQuery, readState, sameList, toggled, writeState } from '../../assets/scripts/desk/state.js';

const FACTS = /** @type {any} */ ({ me: 'zhou', units: ['u1', 'u2'], start: '110000' });
const HOUR = 3600000;
/** @type {Say} */
const say = (name, given = {}) => [name, ...Object.values(given)].join(' ');

// ---- The address ----

Deno.test('an address is a state, and the state is the address', () => {
  for (
    const search of [
      '',
      '?queue=mine',
      '?area=110101&state=overdue,amber&severity=1,2&category=env&unit=u1&source=hotline&q=%E8%B7%AF%E7%81%AF&sort=-reported_at&case=N1',
      '?queue=all&stage=filed',
      '?within=118.4,30.9,118.5,30.9,118.5,31&map=off&dim=3d&measure=density',
    ]
  ) is(writeState(readState(search)), search);
});

Deno.test('what cannot be is left out, and language and colours stay', () => {
  const state = readState('?queue=everything&sort=title&state=&lang=en&theme=dark');
  same([state.queue, state.sort, state.states], ['area', 'urgency', []]);
  is(writeState(state, '?lang=en&theme=dark&x=1'), '?lang=en&theme=dark');
});

Deno.test('without a stage the list holds what is open; my queue asks for my account, my unit for my units', () => {
  is(String(listQuery(readState('?area=1'), FACTS)), 'area=1&state=overdue&state=amber&state=on_time&state=paused&sort=urgency');
  is(listQuery(readState('?queue=mine'), FACTS).get('assignee'), 'zhou');
  same(listQuery(readState('?queue=unit'), FACTS).getAll('unit'), ['u1', 'u2']);
  same(listQuery(readState('?queue=unit&unit=u2'), FACTS).getAll('unit'), ['u2']);
  is(listQuery(readState('?queue=all&area=1'), FACTS).get('area'), null);
  same(listQuery(readState('?stage=closed'), FACTS).getAll('state'), []);
  const order = (/** @type {string} */ search) => listQuery(readState(search), FACTS).get('sort');
  same([order('?state=closed'), order('?state=closed,ended'), order('?stage=void')], ['-closed_at', '-reported_at', '-reported_at']);
  same([order('?state=closed,overdue'), order('?stage=filed'), order('?state=closed&sort=number')], ['urgency', 'urgency', 'number']);
  is(listQuery(readState('?within=1,1,2,1,2,2&map=on'), FACTS).get('within'), '1,1,2,1,2,2');
});

Deno.test('two characters that stand together are sought, or the one with which a number begins', () => {
  same(['', '路', '路灯', 'a', '路 a', '路灯 a'].map(isSought), [false, false, true, true, false, true]);
  is(listQuery(readState('?q=%E8%B7%AF'), FACTS).get('q'), null);
});

Deno.test('a filter is taken in and out', () => {
  const state = readState('?state=overdue');
  same(toggled(state, 'states', 'amber').states, ['overdue', 'amber']);
  same(toggled(state, 'states', 'overdue').states, []);
  is(sameList(state, { ...state, case: 'N1' }), true);
  is(sameList(state, toggled(state, 'stages', 'filed')), false);
  is(sameList(state, { ...state, map: 'off', dim: '3d', measure: 'density' }), true, 'how the map is seen changes no list');
  is(sameList(state, { ...state, within: '1,1,2,1,2,2' }), false);
});

// ---- Moments ----

Deno.test('a span has at most two units, and changes at its boundaries', () => {
  const told = [0, 59999, 60000, HOUR - 1, HOUR, HOUR + 20 * 60000, 4 * HOUR + 60000, 24 * HOUR - 1, 24 * HOUR, 25 * HOUR, 48 * HOUR]
    .map((ms) => spanText(ms, say));
  same(told, [
    ...['minutes 0', 'minutes 0', 'minutes 1', 'minutes 59', 'hours 1', 'hours 1 minutes 20', 'hours 4', 'hours 23'],
    ...['one_day', 'one_day hours 1', 'days 2'],
  ]);
});

Deno.test('a deadline says how much is left or over, and which share of the time is used', () => {
  const row = /** @type {any} */ ({ reported_at: '2026-11-01T00:00:00Z', due_at: '2026-11-01T04:00:00Z', state: 'on_time' });
  const at = (/** @type {number} */ hours) => Date.parse('2026-11-01T00:00:00Z') + hours * HOUR;
  same(deadline(row, at(1), say), { text: 'left hours 3', share: 0.25 });
  same(deadline({ ...row, state: 'amber' }, at(3), say), { text: 'left hours 1', share: 0.75 });
  same(deadline({ ...row, state: 'overdue' }, at(5), say), { text: 'over hours 1', share: 1 });
  same(deadline({ ...row, state: 'paused' }, at(5), say), { text: 'state_paused', share: null });
  same(deadline({ ...row, state: 'closed' }, at(5), say), { text: 'state_closed', share: null });
  same(deadline({ ...row, due_at: null }, at(5), say), { text: 'no_deadline', share: null });
});

Deno.test('moments are told by the clock of the city, and those of a field mean it', () => {
  const clock = clockOf('Asia/Shanghai', 'zh');
  const now = Date.parse('2026-11-29T06:00:00Z');
  is(clock.moment('2026-11-20T16:30:00Z', now), '11-21 00:30');
  is(clock.moment('2025-12-31T15:59:00Z', now), '2025-12-31 23:59');
  is(clockOf('Asia/Shanghai', 'en').moment('2026-11-20T16:30:00Z', now), '21 Nov 00:30');
  is(clock.zoned('2026-12-01T17:00'), '2026-12-01T17:00:00+08:00');
  is(clockOf('America/New_York', 'en').zoned('2026-12-01T17:00'), '2026-12-01T17:00:00-05:00');
  // Clocks go back at 02:00 on 1 November, and forth at 02:00 on 8 March: the hours around the change keep the city's own offset.
  const york = clockOf('America/New_York', 'en');
  is(york.zoned('2026-10-31T23:00'), '2026-10-31T23:00:00-04:00');
  is(york.zoned('2026-11-01T00:30'), '2026-11-01T00:30:00-04:00');
  is(york.zoned('2026-11-01T03:00'), '2026-11-01T03:00:00-05:00');
  is(york.zoned('2026-03-08T01:30'), '2026-03-08T01:30:00-05:00');
  is(york.zoned('2026-03-08T03:00'), '2026-03-08T03:00:00-04:00');
});

// ---- Pages ----

/** @param {number} n @param {number} size */
function served(n, size) {
  const rows = Array.from({ length: n }, (_, place) => /** @type {any} */ ({ number: `N${place}` }));
  /** @type {(string | null)[]} */
  const asked = [];
  const pages = new Pages((cursor) => {
    asked.push(cursor);
    const start = Number(cursor ?? 0);
    return Promise.resolve({ cases: rows.slice(start, start + size), next: start + size < n ? String(start + size) : null });
  });
  return { pages, asked };
}

Deno.test('pages are read one behind the other, as far as somebody scrolls, and only once', async () => {
  const { pages, asked } = served(25, 10);
  is((await pages.take(0, 5)).length, 5);
  same(asked, [null]);
  const [some, others] = await Promise.all([pages.take(20, 30), pages.take(5, 12)]);
  same([some.map(({ number }) => number), others.length], [['N20', 'N21', 'N22', 'N23', 'N24'], 7]);
  same(asked, [null, '10', '20']);
  is(pages.complete, true);
  same(await pages.take(100, 110), []);
});

Deno.test('a case that comes twice is kept once, and a change keeps its place', async () => {
  const pages = new Pages(() =>
    Promise.resolve({ cases: /** @type {any} */ ([{ number: 'a', stage: 'filed' }, { number: 'a' }, { number: 'b' }]), next: null })
  );
  same((await pages.take(0, 10)).map(({ number }) => number), ['a', 'b']);
  pages.patch('a', { stage: 'closed' });
  same([pages.rows[0].stage, pages.places.get('b'), pages.patch('c', {})], ['closed', 1, null]);
});

// ---- What a dispatcher meets in an hour ----

Deno.test('words are sought among open cases unless a stage, a state or a number of the figures says otherwise', () => {
  is(endedToo(readState('?q=%E6%98%9F%E6%B2%B3')), true);
  for (const search of ['', '?q=x y', '?q=ab&state=closed', '?q=ab&stage=filed', '?q=ab&indicator=rework_rate']) {
    is(endedToo(readState(search)), false, search);
  }
});

Deno.test('the next step is one that leads on; what stops the clock or ends a case is never proposed first', () => {
  const offered = ['pause', 'remark', 'void', 'move', 'set_severity', 'hand_over', 'undo', 'split'].map((step) => ({ step }));
  same(
    inOrder(/** @type {any} */ (offered)).map(({ step }) => step),
    ['hand_over', 'set_severity', 'move', 'pause', 'split', 'void'],
  );
  same(['dispatch', 'resume', 'hand_over', 'pause', 'void', 'a step of tomorrow'].filter(leadsOn), ['dispatch', 'resume']);
  same(
    inOrder(/** @type {any} */ ([{ step: 'void' }, { step: 'of tomorrow' }, { step: 'accept' }])).map(({ step }) => step),
    ['accept', 'of tomorrow', 'void'],
  );
});

Deno.test('a pasted text that does not fit says how much of it is lost', () => {
  const field = { value: 'abcd', selectionStart: 4, selectionEnd: 4, maxLength: 10 };
  is(lostOf(field, '123456'), 0);
  is(lostOf(field, '1234567'), 1);
  is(lostOf({ ...field, selectionStart: 0 }, '1234567890'), 0, 'what is chosen is replaced');
  is(lostOf({ ...field, maxLength: -1 }, 'x'.repeat(99)), 0, 'a field without a limit');
});

Deno.test('the day is the day of the city', () => {
  const morning = Date.UTC(2026, 10, 29, 23, 30);
  same([dayIn('Asia/Shanghai', morning), dayIn('UTC', morning), dayIn('America/New_York', morning)], [
    '2026-11-30',
    '2026-11-29',
    '2026-11-29',
  ]);
});

Deno.test('a draft keeps its text, what it is, and its files for as long as the server has them', () => {
  const draft = { text: '写到一半', tab: 'reply', files: [{ hash: 'ab', name: 'a.png', at: 0 }] };
  same(parseDraft(formDraft(draft), 1000), draft);
  same(parseDraft(formDraft(draft), 21 * 3600_000), { ...draft, files: [] });
  same([formDraft({ text: '', tab: 'reply', files: [] }), parseDraft(null, 0).text], [null, '']);
  same(['以前的备注', '{未完', '{"text":1}'].map((kept) => parseDraft(kept, 0).text), ['以前的备注', '{未完', '{"text":1}']);
});
