import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { contractOn, readDeliveries, readWeeks } from '../../assets/scripts/hub/answers.js';
import { latestWins } from '../../assets/scripts/hub/latest.js';
import { barFilled, percent, shortCount } from '../../assets/scripts/hub/numbers.js';
import { byWorst, layOut, monthMarks, moved, peakOf, shiftDay, toneOf, worstOf } from '../../assets/scripts/hub/reckoning.js';
import { readHub, writeHub } from '../../assets/scripts/hub/state.js';

const LEVELS = ['city', 'district', 'street', 'community'];
/** @param {string} code @param {string} group */
const department = (code, group) => ({ code, group, name: code, short: code });
const DEPARTMENTS = [department('police', '治理'), department('fire', '治理'), department('hrss', '民生')];
/** @param {string} level @param {string} code @param {Partial<HubCell>} [more] @returns {HubCell} */
const cell = (level, code, more = {}) => ({
  ...{
    level,
    department: code,
    feeds: 2,
    state: 'on_time',
    late_days: 0,
    arrived: '2026-11-20',
    records: 5,
    completeness: 0.9,
    hidden: false,
  },
  ...more,
});
/** @param {HubCell[]} cells @returns {HubAnswer} */
const answer = (cells) => ({ day: '2026-11-23', departments: DEPARTMENTS, levels: LEVELS, cells, totals: {}, worst: [] });

Deno.test('the whole state of the hub is in the address, and nothing that cannot be', () => {
  for (
    const search of ['', '?city=x&day=2026-11-23&cell=street.hrss&feed=labour.wages&view=list', '?cell=city.police&lang=en&theme=dark']
  ) {
    is(writeHub(readHub(search), search), search);
  }
  same(readHub('?day=yesterday&cell=grid.hrss&feed=wages&view=map'), { city: null, day: null, cell: null, feed: null, list: false });
});

Deno.test('a crossing takes the look of its worst feed; without feeds or rights it is no fault', () => {
  is(toneOf(cell('city', 'fire', { state: 'late', late_days: 2 })), 'late');
  is(toneOf(cell('city', 'fire', { state: 'late', late_days: 3 })), 'late long');
  is(toneOf(cell('city', 'fire', { state: 'failed', hidden: true })), 'hidden');
  is(toneOf(cell('city', 'fire', { feeds: 0 })), 'none');
  is(toneOf(null), 'none');
  const states = ['on_time', 'empty', 'late', 'never', 'not_due', 'failed'].map((state) => ({ state }));
  same(states.sort(byWorst).map(({ state }) => state), ['never', 'failed', 'late', 'empty', 'on_time', 'not_due']);
  is([{ state: 'late', late_days: 2 }, { state: 'late', late_days: 6 }].sort(byWorst)[0].late_days, 6);
});

Deno.test('columns stand in their groups, and a level without feeds keeps its row', () => {
  const { groups, rows } = layOut(answer([cell('city', 'hrss'), cell('street', 'fire', { feeds: 3 })]));
  same(groups, [{ name: '治理', from: 0, size: 2 }, { name: '民生', from: 2, size: 1 }]);
  same(rows.map(({ level, feeds }) => [level, feeds]), [['city', 2], ['district', 0], ['street', 3], ['community', 0]]);
  is(rows[2].cells[1]?.department, 'fire');
  is(rows[1].cells.every((one) => one === null), true);
});

Deno.test('the matrix begins at the worst crossing that the reader may see', () => {
  const cells = [
    cell('city', 'hrss'),
    cell('city', 'fire', { state: 'never', hidden: true }),
    cell('street', 'police', { state: 'late', late_days: 1 }),
  ];
  same(worstOf(answer(cells)), { level: 'street', department: 'police' });
  same(worstOf(answer([])), { level: 'city', department: 'police' });
});

Deno.test('arrow keys move the pick, and stop at the edges', () => {
  const within = { departments: DEPARTMENTS, levels: LEVELS };
  /** @param {string} key @param {boolean} [ctrlKey] */
  const from = (key, ctrlKey) => moved({ level: 'district', department: 'fire' }, { key, ctrlKey }, within);
  same(from('ArrowLeft'), { level: 'district', department: 'police' });
  same(from('ArrowDown'), { level: 'street', department: 'fire' });
  same(from('End'), { level: 'district', department: 'hrss' });
  same(from('Home', true), { level: 'city', department: 'police' });
  same(from('PageDown'), { level: 'community', department: 'fire' });
  is(from('a'), null);
  same(moved({ level: 'city', department: 'police' }, { key: 'ArrowUp' }, within), { level: 'city', department: 'police' });
});

Deno.test('numbers are short, and only all is one hundred per cent', () => {
  const zh = [[6629, '6,629'], [9999, '9,999'], [10000, '1.0万'], [48216, '4.8万'], [7064000, '706.4万'], [12345678, '1,235万'], [
    234000000,
    '2.3亿',
  ]];
  zh.forEach(([n, text]) => is(shortCount(Number(n), 'zh'), text));
  const en = [[9999, '9,999'], [48216, '48.2k'], [999960, '1.0m'], [7064000, '7.1m'], [2340000000, '2.3bn']];
  en.forEach(([n, text]) => is(shortCount(Number(n), 'en'), text));
  is(percent(0.99996), '99.9');
  is(percent(1), '100.0');
  is(percent(0.0001), '0.1');
  is(percent(0), '0.0');
  same([0.5, 0.8, 0.9, 1, null].map((share) => Math.round(100 * barFilled(share))), [0, 0, 50, 100, 0]);
});

Deno.test('weeks begin on Mondays, the last one has the day in it, and unknown ones stay empty', () => {
  const weeks = [{ monday: '2026-11-23', state: 'late' }, { monday: '2025-12-01', state: 'failed' }, {
    monday: '2025-11-24',
    state: 'never',
  }];
  const [{ level, weeks: read }] = readWeeks({ levels: [{ level: 'street', weeks }] }, '2026-11-29', 52);
  is(level, 'street');
  is(read.length, 52);
  same([read[51], read[50], read[0]?.state], [{ state: 'late', first: '2026-11-23' }, null, 'failed']);
});

Deno.test('what is missing stands first among deliveries, and what came after its time is late', () => {
  const due = '2026-11-18T10:00:00+00:00';
  const deliveries = [
    { state: 'landed', due_at: '2026-11-11T10:00:00+00:00', received_at: '2026-11-11T12:00:00+00:00' },
    { state: 'landed', due_at: '2026-11-04T10:00:00+00:00', received_at: '2026-11-04T09:00:00+00:00' },
    { state: 'failed', due_at: null, received_at: '2026-11-03T09:00:00+00:00' },
    { state: 'received', due_at: null, received_at: '2026-11-02T09:00:00+00:00' },
  ];
  same(readDeliveries({ deliveries, now: { state: 'late', due_at: due, late_days: 3 } }).map(({ tone }) => tone), [
    'late',
    'late',
    'on_time',
    'failed',
    'not_due',
  ]);
  is(readDeliveries({ deliveries, now: { state: 'late', due_at: deliveries[0].due_at } }).length, 4);
  is(readDeliveries({ deliveries, now: { state: 'on_time', due_at: due } }).length, 4);
});

Deno.test('the contract of a day is the version that held on it', () => {
  const contracts = [{ version: 2, since: '2026-09-01' }, { version: 1, since: '2026-01-01' }];
  same(['2026-09-01', '2026-08-31', '2025-12-31'].map((day) => contractOn(contracts, day).version), [2, 1, 1]);
  is(contractOn([], '2026-09-01'), null);
});

Deno.test('months are marked where they begin, and a peak only where there is one', () => {
  const marks = monthMarks('2025-11-24', '2026-11-23');
  is(marks.length, 12);
  same(marks[1], { month: '2026-01', at: 38 / 365, year: true });
  const flat = Array.from({ length: 60 }, (_, n) => ({ day: shiftDay('2026-06-01', n), late: 3, failed: 1 }));
  is(peakOf(flat), null);
  flat[20] = { ...flat[20], failed: 20 };
  is(peakOf(flat)?.day, '2026-06-21');
  is(peakOf([]), null);
});

Deno.test('one question is under way at a time, and of those that wait only the newest is asked', async () => {
  /** @type {((text: string) => void)[]} */
  const open = [];
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const seen = [];
  const want = latestWins((question) => {
    asked.push(question);
    return /** @type {Promise<string>} */ (new Promise((resolve) => open.push(resolve)));
  }, (text) => seen.push(text));
  const done = want('a');
  void want('b');
  void want('c');
  same(asked, ['a']);
  open[0]('A');
  await new Promise((resolve) => setTimeout(resolve));
  same([asked, seen], [['a', 'c'], ['A']]);
  open[1]('C');
  await done;
  same(seen, ['A', 'C']);
});
