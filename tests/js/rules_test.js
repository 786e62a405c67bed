import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { codeOfLabel, namesWithValues } from '../../assets/scripts/desk/map/recolouring.js';
import { matching } from '../../assets/scripts/rules/chooser.js';
import {
  fromPercent,
  moved,
  phase,
  readState,
  shareClass,
  splitTime,
  toPercent,
  weightShares,
  writeState,
} from '../../assets/scripts/rules/state.js';

Deno.test('the address of the page of rules is its state', () => {
  for (
    const search of [
      '',
      '?tab=deadlines&city=990100',
      '?tab=calendar&city=990100&year=2027',
      '?tab=deadlines&old=1',
      '?tab=duplicates',
      '?lang=en',
    ]
  ) {
    is(writeState(readState(search), search), search);
  }
  same(readState('?tab=everything&year=99999&old=yes'), { tab: 'routing', city: null, year: null, old: false });
  is(writeState({ tab: 'routing', city: null, year: 2027, old: true }), '', 'what belongs to another tab is left out');
});

Deno.test('a rule moves to another place, never out of the table', () => {
  same(moved(['a', 'b', 'c'], 2, 0), ['c', 'a', 'b']);
  same(moved(['a', 'b', 'c'], 0, 1), ['b', 'a', 'c']);
  same([moved(['a', 'b'], 0, -1), moved(['a', 'b'], 1, 2)], [['a', 'b'], ['a', 'b']]);
});

Deno.test('a rule holds from its first day to its last', () => {
  const day = (/** @type {string | null} */ valid_from, /** @type {string | null} */ valid_to) =>
    phase({ valid_from, valid_to }, '2026-11-29');
  same([day(null, null), day('2026-11-29', '2026-11-29')], ['now', 'now']);
  same([day('2026-11-30', null), day(null, '2026-11-28')], ['coming', 'over']);
});

Deno.test('times and shares', () => {
  same(splitTime('4 working_hours'), { amount: '4', unit: 'working_hours' });
  same(splitTime(null), { amount: '', unit: 'hours' });
  same([0, 0.01, 1 / 6, 0.5, 0.999, 1].map(shareClass), [-1, 0, 1, 3, 5, 5]);
});

Deno.test('a category is found by any word of it, and by pinyin; what begins with it comes first', () => {
  const options = [
    { value: 'order', label: '街面秩序', words: 'Street order jiemianzhixu jmzx' },
    { value: 'env', label: '市容环境', words: 'City environment shironghuanjing srhj' },
  ];
  const found = (/** @type {string} */ typed) => matching(options, typed).map(({ value }) => value);
  same([found('srhj'), found('ShiRong'), found('秩序'), found('environ'), found('xx')], [['env'], ['env'], ['order'], ['env'], []]);
  same(found('e'), ['env', 'order']);
  same(found(''), ['order', 'env'], 'everything, in its order');
});

Deno.test('an area is found by the label that the map knows it by', () => {
  for (const [label, code] of [['990102001', '990102001'], ['a_2d_1', 'a-1'], ['a_5f_1', 'a_1'], ['_6e9f_', '\u6e9f']]) {
    is(codeOfLabel(label), code);
  }
});

Deno.test('a name of the map has its value below it, where there is one', () => {
  const of = { a: ['西街', '91.9%'], b: ['东街', null] };
  same(namesWithValues({ a: '西街\n12', b: '东街\n3', c: '北街' }, /** @type {any} */ (of)), { a: '西街\n91.9%', b: '东街', c: '北街' });
});

Deno.test('shares are shown in per cent and written back exactly', () => {
  for (
    const [share, percent] of [['1', '100'], ['0', '0'], ['0.925', '92.5'], ['0.05', '5'], ['0.001', '0.1'], ['0.1', '10'], ['12', '1200']]
  ) {
    is(toPercent(share), percent);
    is(fromPercent(percent), share);
  }
  is(fromPercent('92.50'), '0.925');
  is(fromPercent('x'), 'x', 'the server says what is wrong with it');
  is(fromPercent('-5'), '-5');
});

Deno.test('weights are read as parts of their sum', () => {
  same(weightShares([{ weight: '0.4' }, { weight: '0.2' }]), [66.7, 33.3]);
  same(weightShares([]), []);
});
