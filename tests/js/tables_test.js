import { strictEqual as is } from 'node:assert';
import { cell, figuresTable } from '../../assets/scripts/page/tables.js';

Deno.test('a cell is quoted where it must be, and is never a formula', () => {
  is(
    ['a', 'a,b', 'a"b', 'a\nb', 5, -5, null, undefined, '=1+1', '-x', '@x', '+8'].map(cell).join('|'),
    [
      'a',
      '"a,b"',
      '"a""b"',
      '"a\nb"',
      '5',
      '-5',
      '',
      '',
      "'=1+1",
      "'-x",
      "'@x",
      "'+8",
    ].join('|'),
  );
});

/** @type {(code: string, name: string, n: number) => any} */
const area = (code, name, n) => ({
  code,
  name,
  name_en: code === 'c' ? 'Town, old' : '',
  level: 'street',
  incidents: { total: n, open: 2, overdue: 1 },
  on_time_closing_rate: { numerator: 8, denominator: 9 },
  population: { total: null },
});

Deno.test('figures of an area, its parts and those beside it, by day and by category', () => {
  const own = area('c', '镇', 10);
  const report = {
    ...own,
    incidents: { ...own.incidents, by_day: [['2026-11-01', 4], ['2026-11-02', 6]], by_category: { env: 7, x: 3 } },
    categories: { env: { name: '市容', name_en: 'City appearance' } },
    period: { from: '2026-11-01', to: '2026-11-02' },
    city: { as_of: '2026-11-02T09:40:00+08:00' },
    children: [area('c1', '一', 3), { ...area('c-0', '未定位', 2), level: 'grid', origin: 'unplaced' }],
    siblings: [area('c', '镇', 10), area('d', '二', 5)],
  };
  const keys = [
    'area',
    'code',
    'level',
    'reported',
    'open',
    'overdue',
    'due',
    'on_time',
    'residents',
    'day',
    'category',
    'cases',
    'period',
    'as_of',
  ];
  const words = /** @type {any} */ (Object.fromEntries(keys.map((key) => [key, key])));
  is(
    figuresTable(report, words, 'en'),
    '\ufeff' + [
      '"Town, old",c',
      'period,2026-11-01,2026-11-02',
      'as_of,2026-11-02T09:40:00+08:00',
      '',
      'code,area,level,reported,open,overdue,due,on_time,residents',
      'c,"Town, old",street,10,2,1,9,8,',
      'c1,一,street,3,2,1,9,8,',
      'c-0,未定位,,2,2,1,9,8,',
      'd,二,street,5,2,1,9,8,',
      '',
      'day,cases',
      '2026-11-01,4',
      '2026-11-02,6',
      '',
      'category,cases',
      'City appearance,7',
      'x,3',
      '',
    ].join('\r\n'),
  );
});
