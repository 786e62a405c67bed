import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { nameOf } from '../../assets/scripts/download.js';
import { barOf, fitted } from '../../assets/scripts/page/map_sheet.js';

Deno.test('a scale bar is a round length that has room', () => {
  same(barOf(1234), { length: 1000, share: 1000 / 1234, text: '1 km' });
  same(barOf(999), { length: 500, share: 500 / 999, text: '500 m' });
  is(barOf(100).share, 1);
  is(barOf(250_000).text, '100 km');
});

Deno.test('a picture fills its frame without losing its shape, in the middle', () => {
  same(fitted({ width: 200, height: 100 }, [10, 20, 100, 100]), { left: 10, top: 45, width: 100, height: 50, scale: 0.5 });
  same(fitted({ width: 100, height: 400 }, [0, 0, 100, 100]), { left: 37.5, top: 0, width: 25, height: 100, scale: 0.25 });
});

Deno.test('a file has the name that the server gives it', () => {
  is(nameOf('attachment; filename="gridwell-cases-20261031-2000.xlsx"', 'x'), 'gridwell-cases-20261031-2000.xlsx');
  is(nameOf(null, 'x.csv'), 'x.csv');
});
