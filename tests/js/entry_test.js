import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { above, fit, seek } from '../../assets/scripts/desk/entry/category_search.js';
import { readCoordinates } from '../../assets/scripts/desk/entry/coordinates.js';
import { readState, sameList, writeState } from '../../assets/scripts/desk/state.js';

/** @param {string} code @param {string} name @param {string} english @param {string} pinyin @param {string | null} [parent] @param {number} [ordinal] */
const category = (code, name, english, pinyin, parent = null, ordinal = 0) => ({
  ...{ code, parent, name, name_en: english, symbol: 'dot', ordinal, pinyin: pinyin.split(' ') },
});
const ALL = [
  category('env', '市容环境', 'City appearance', 'shi rong huan jing', null, 1),
  category('order', '街面秩序', 'Street order', 'jie mian zhi xu', null, 2),
  category('facility', '市政设施', 'Public facilities', 'shi zheng she shi', null, 3),
  category('manhole', '井盖破损', 'Broken manhole', 'jing gai po sun', 'facility', 4),
];
/** @param {string} typed @param {string[]} [recent] */
const found = (typed, recent = []) => seek(ALL, typed, recent).map(({ code }) => code);

Deno.test('a category is found by Chinese, English, code, pinyin in full and by initials', () => {
  for (const typed of ['井盖', 'broken', 'manhole', 'jinggaiposun', 'jing gai', "jing'gai", 'jgps', 'jg', 'MANHOLE', '破损']) {
    is(found(typed)[0], 'manhole', typed);
  }
  same(found('shi'), ['env', 'facility']);
  same(found('srhj'), ['env']);
  same(found('po sun'), ['manhole'], 'from the beginning of a syllable on');
  same(found('ing'), [], 'not from its midst');
  same(found('xyz'), []);
});

Deno.test('the better fit comes first, then what was used last, then the order of the city', () => {
  same(found(''), ['env', 'order', 'facility', 'manhole']);
  same(found('', ['manhole', 'order']), ['manhole', 'order', 'env', 'facility']);
  same(found('jing', ['env']), ['manhole', 'env'], 'a beginning before a part, whatever was used');
  same(found('s', ['facility']), ['order', 'facility', 'env', 'manhole'], 'Street: the beginning of an English name');
  is(fit(ALL[0], '市容环境'), 0);
  is(fit(ALL[0], '市容 '), 1);
});

Deno.test('what stands above a category is told, and a ring ends', () => {
  same(above(ALL, ALL[3]).map(({ code }) => code), ['facility']);
  const ring = [category('a', 'a', 'a', 'a', 'b'), category('b', 'b', 'b', 'b', 'a')];
  same(above(ring, ring[0]).map(({ code }) => code), ['b']);
});

Deno.test('coordinates are read in either order and in every usual way of writing', () => {
  const point = { lon: 118.41, lat: 30.92 };
  for (const typed of ['30.92, 118.41', '118.41,30.92', '（30.92，118.41）', '118.41 30.92', '30.92°; 118.41°']) {
    same(readCoordinates(typed), point, typed);
  }
  for (const typed of ['', '30.92', '书院路 12', '30.92, 218.4', '95, 91', '1, 2, 3']) is(readCoordinates(typed), null, typed);
  same(readCoordinates('-0.5, 40'), { lat: -0.5, lon: 40 });
});

Deno.test('that the form is open stands in the address, and changes no list', () => {
  const state = readState('?queue=mine&new=1');
  is(state.entering, true);
  is(writeState(state), '?queue=mine&new=1');
  is(sameList(state, { ...state, entering: false }), true);
  is(readState('?new=2').entering, false);
});
