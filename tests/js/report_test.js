/** Periods of reports: weeks of ISO 8601 at the turn of years, and how each period is written in addresses. */

import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { later, listPeriods, periodAt, stepOf, weekOf } from '../../assets/scripts/report/periods.js';

Deno.test('weeks belong to the year that holds their Thursday', () => {
  same(weekOf('2026-11-22'), [2026, 47]);
  same(weekOf('2026-11-23'), [2026, 48]);
  same(weekOf('2027-01-01'), [2026, 53]);
  same(weekOf('2027-01-04'), [2027, 1]);
  same(weekOf('2024-12-30'), [2025, 1]);
});

Deno.test('a period has its first and last day', () => {
  const days = (/** @type {string} */ step, /** @type {string} */ day) => {
    const { value, first, last } = periodAt(step, day);
    return [value, first, last];
  };
  same(days('week', '2026-11-22'), ['2026-W47', '2026-11-16', '2026-11-22']);
  same(days('week', '2027-01-02'), ['2026-W53', '2026-12-28', '2027-01-03']);
  same(days('month', '2028-02-10'), ['2028-02', '2028-02-01', '2028-02-29']);
  same(days('quarter', '2026-12-31'), ['2026-Q4', '2026-10-01', '2026-12-31']);
  same(days('year', '2026-05-05'), ['2026', '2026-01-01', '2026-12-31']);
});

Deno.test('periods follow one another without a gap, and none comes twice', () => {
  for (const step of ['week', 'month', 'quarter', 'year']) {
    const listed = listPeriods(step, '2026-11-23');
    listed.slice(1).forEach((one, at) => is(later(one.last, 1), listed[at].first));
    is(new Set(listed.map(({ value }) => value)).size, listed.length);
    listed.forEach(({ value }) => is(stepOf(value), step));
  }
});

Deno.test('how a period is written says how long it is', () => {
  same(['2026-11-23', '2026-03-01..2026-03-17', '2026-W7', ''].map(stepOf), ['day', 'own', '', '']);
});
