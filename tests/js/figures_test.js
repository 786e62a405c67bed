import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { listQuery, readState, writeState } from '../../assets/scripts/desk/state.js';
import { enlarged } from '../../assets/scripts/figures/charts.js';
import { deskAddress, throughTexts, without } from '../../assets/scripts/figures/behind.js';
import { changeText, classLimits, countChange, fixed, logPlace, valueText } from '../../assets/scripts/figures/numbers.js';
import { askFigures, calendarSpans, periodOf, readFigures, stripeOf, writeFigures } from '../../assets/scripts/figures/state.js';

const FACTS = /** @type {any} */ ({ me: 'zhou', units: ['u1'], start: '110000' });
const TOLD = ['on_time_closing_rate', 'rework_rate'];
/** @type {Say} */
const say = (name, given = {}) => [name, ...Object.values(given)].join(' ');

// ---- From a number to its cases ----

Deno.test('the desk asks the machine door for exactly the list that a number names', () => {
  for (
    const list of [
      '/api/cases?area=1&due_from=2026-10-01&due_to=2026-10-30&state=closed',
      '/api/cases?area=1&due_from=2026-10-01&due_to=2026-10-30&state=overdue&state=amber&state=on_time&state=closed',
      '/api/cases?area=1&from=2026-10-01&to=2026-10-30',
      '/api/cases?area=1&to=2026-10-30&closed_from=2026-10-01&closed_to=2026-10-30&indicator=rework_rate&part=numerator',
      '/api/cases?area=1&category=env&unit=u1&unit=u2&assignee=wang&from=2026-10-01&channel=hotline&channel=public',
      '/api/cases?area=1&state=overdue&with_unit=false&with_assignee=false',
      '/api/cases?area=1&from=2026-10-01&to=2026-10-30&weekday=2&hour=0',
      '/api/cases?area=1&from=2026-10-01&to=2026-10-30&only_day=true',
      '/api/cases?area=1&state=amber&state=on_time&due_within=24&unit=u1',
      '/api/cases?area=1&from=2026-10-01&to=2026-10-30&stage=filed&stage=void',
    ]
  ) {
    const asked = listQuery(readState(deskAddress(list).slice('/desk'.length)), FACTS);
    asked.delete('sort');
    const wanted = new URLSearchParams(list.split('?')[1]);
    same([...asked].map(String).sort(), [...wanted].map(String).sort(), list);
  }
});

Deno.test('the desk keeps what led to it in its address, and names each part', () => {
  const address = deskAddress(
    '/api/cases?area=1&closed_from=2026-10-01&closed_to=2026-10-30&indicator=rework_rate&part=numerator&weekday=2&hour=9',
  );
  const state = readState(address.slice('/desk'.length));
  is(readState(writeState(state)).through?.indicator, 'rework_rate');
  same(throughTexts(state.through ?? {}, say).map(({ text }) => text), [
    'behind_closed 2026-10-01 2026-10-30',
    'behind_numerator indicator_rework_rate',
    'weekday_2 behind_hour 9',
  ]);
  same(Object.keys(without(state.through ?? {}, ['indicator', 'part'])).sort(), ['closed_from', 'closed_to', 'hour', 'weekday']);
});

// ---- The address ----

Deno.test('the whole state is in the address', () => {
  for (
    const search of [
      '',
      '?view=person&area=110101&unit=u1,u2&category=env&source=hotline&person=wang&period=week&against=year_before&indicator=rework_rate',
      '?view=area&from=2026-10-01&to=2026-10-31&level=grid&step=month&measure=reported&sort=-rework_rate',
      '?department=%E5%9F%8E%E7%AE%A1%E5%B1%80',
    ]
  ) is(writeFigures(readFigures(search, TOLD)), search);
});

Deno.test('what cannot be is left out, and language and colours stay', () => {
  const state = readFigures('?view=x&period=hour&from=2026-10-09&to=2026-10-01&indicator=coverage&step=hour&level=city&against=x', TOLD);
  is(writeFigures(state, '?lang=en&theme=dark&x=1'), '?lang=en&theme=dark');
});

Deno.test('periods end with the day of the figures, and an own one is as it was given', () => {
  same(periodOf(readFigures('?period=day', TOLD), '2026-03-01'), { from: '2026-03-01', to: '2026-03-01' });
  same(periodOf(readFigures('?period=week', TOLD), '2026-03-01'), { from: '2026-02-23', to: '2026-03-01' });
  same(periodOf(readFigures('', TOLD), '2024-03-01'), { from: '2024-02-01', to: '2024-03-01' });
  same(periodOf(readFigures('?from=2026-01-02&to=2026-01-02', TOLD), '2026-03-01'), { from: '2026-01-02', to: '2026-01-02' });
  const spans = Object.fromEntries(calendarSpans('2026-01-15').map(({ name, from, to }) => [name, `${from} ${to}`]));
  is(spans.last_month, '2025-12-01 2025-12-31');
  is(spans.last_quarter, '2025-10-01 2025-12-31');
  is(spans.this_quarter, '2026-01-01 2026-01-15');
  is(spans.last_year, '2025-01-01 2025-12-31');
});

Deno.test('a department means its units, unless units are chosen', () => {
  const known = { today: '2026-10-31', start: '1', unitsOf: () => ['u7', 'u8'] };
  same(askFigures(readFigures('?department=x', TOLD), known).getAll('unit'), ['u7', 'u8']);
  same(askFigures(readFigures('?department=x&unit=u7', TOLD), known).getAll('unit'), ['u7']);
  is(askFigures(readFigures('?area=2', TOLD), known).get('area'), '2');
});

// ---- Numbers ----

Deno.test('shares change in points, hours and numbers of cases in per cent', () => {
  is(changeText('share', 0.912, 0.903, say), 'points +0.9');
  is(changeText('share', 0.9, 0.912, say), 'points −1.2');
  is(changeText('median', 6, 4, say), '+50.0%');
  is(changeText('median', 6, 0, say), '');
  is(changeText('share', null, 0.9, say), '');
  is(countChange(8479, 8339), '+1.7%');
  is(countChange(5, 0), '');
  same([valueText('share', 0.919), valueText('median', 4), valueText('share', null)], ['91.9', '4.0', '–']);
  is(fixed(-0.04, 1), '−0.0');
});

Deno.test('twice as much and half as much stand equally far from no change', () => {
  /** @type {[number, number]} */
  const ends = [0.5, 2];
  same([0.5, 1, 2, 0, Infinity].map((one) => logPlace(one, ends)), [0, 0.5, 1, 0, 1]);
});

Deno.test('six classes begin at 0 with equal round steps, and the largest count lies in one of them', () => {
  for (const most of [1, 5, 12, 13, 60, 144, 1000, 87654]) {
    const limits = classLimits(most);
    is(limits.length, 6);
    is(new Set(limits.map((one, n) => (n ? one - limits[n - 1] : limits[1]))).size, 1);
    is(limits.every(Number.isInteger), true);
  }
  same(classLimits(144), [0, 25, 50, 75, 100, 125]);
});

Deno.test('a chart on a large screen has every length larger, and no value', () => {
  same(enlarged({ height: 10, data: [{ y: [1, 2], line: { width: 2, dash: 'dash' } }], margin: { l: 4 } }, 2), {
    ...{ height: 20, data: [{ y: [1, 2], line: { width: 4, dash: 'dash' } }], margin: { l: 8 } },
  });
});

Deno.test('a holiday lies where its days are, from the first moment of the first to the end of the last', () => {
  const weeks = [['2026-09-21', '2026-09-27'], ['2026-09-28', '2026-10-04'], ['2026-10-05', '2026-10-11']].map(([from, to]) => ({
    from,
    to,
  }));
  /** @param {string} first @param {string} last */
  const at = (first, last) => stripeOf(weeks, { first, last })?.map((one) => Math.round(one * 1000) / 1000) ?? null;
  same(at('2026-09-28', '2026-10-04'), [0.5, 1.5]);
  same(at('2026-10-01', '2026-10-07'), [Math.round((0.5 + 3 / 7) * 1000) / 1000, Math.round((1.5 + 3 / 7) * 1000) / 1000]);
  same(at('2026-10-11', '2026-10-11'), [Math.round((2.5 - 1 / 7) * 1000) / 1000, 2.5]);
  same(at('2026-09-20', '2026-09-21'), [-0.5, Math.round((-0.5 + 1 / 7) * 1000) / 1000], 'what lies before is cut off');
  same([at('2026-09-19', '2026-09-20'), at('2026-10-12', '2026-10-12')], [null, null]);
  same(stripeOf([{ from: '2026-10-01', to: '2026-10-01' }], { first: '2026-10-01', last: '2026-10-07' }), [-0.5, 0.5], 'of a single day');
});
