import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import {
  around,
  Boxes,
  clamp,
  contains,
  dashes,
  distance,
  hatch,
  metresPerDegree,
  overlap,
  rings,
  within,
} from '../../assets/scripts/map/geometry.js';

/**
 * @param {number} actual
 * @param {number} wanted
 */
const near = (actual, wanted, share = 1e-6) => ok(Math.abs(actual - wanted) <= Math.abs(wanted) * share, `${actual} is not ${wanted}`);

/** @type {Ring} */
const SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]];
/** @type {Ring} */
const HOLE = [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]];

Deno.test('a value is held between its bounds, both included', () => {
  same([4.9, 5, 18.5, 18.6].map((value) => clamp(value, 5, 18.5)), [5, 5, 18.5, 18.5]);
});

Deno.test('a degree of latitude is as long everywhere; one of longitude shrinks with the cosine', () => {
  near(metresPerDegree(0)[0], 111195.0797, 1e-7);
  near(metresPerDegree(60)[0], 55597.5398, 1e-7);
  near(metresPerDegree(60)[1], 111195.0797, 1e-7);
});

Deno.test('distances take longitude first', () => {
  near(distance([120, 60], [121, 60]), 55597.5398);
  near(distance([120, 60], [120, 61]), 111195.0797);
  is(distance([120, 30], [120, 30]), 0);
});

Deno.test('dashes cover the middle half of each piece', () => {
  const metre = 1 / metresPerDegree(0)[1];
  const [first, second] = dashes([[0, 0], [0, 20 * metre]], 10);
  near(first[0][1], 2.5 * metre);
  near(first[1][1], 7.5 * metre);
  near(second[0][1], 12.5 * metre);
  is(dashes([[0, 0], [0, metre]], 10).length, 1, 'a short edge has one');
});

Deno.test('hatching stays inside, and holes stay free', () => {
  const side = 1000 / metresPerDegree(0)[1];
  /** @type {(ring: Ring) => Ring} */
  const scaled = (ring) => ring.map(([x, y]) => [(x * side) / 4, (y * side) / 4]);
  const whole = hatch([scaled(SQUARE)], 50);
  const lines = hatch([scaled(SQUARE), scaled(HOLE)], 50);
  ok(whole.length >= 27 && whole.length <= 29, `the diagonal of 1414 m holds 28 lines of 50 m: ${whole.length}`);
  ok(lines.length > whole.length, 'lines across the hole are cut in two');
  for (const [[ax, ay], [bx, by]] of lines) {
    ok(contains([scaled(SQUARE), scaled(HOLE)], [(ax + bx) / 2, (ay + by) / 2]));
    near(bx - ax, by - ay, 1e-3);
  }
});

Deno.test('a point lies inside by the even-odd rule', () => {
  is(contains([SQUARE], [2, 2]), true);
  is(contains([SQUARE], [5, 2]), false);
  is(contains([SQUARE, HOLE], [2, 2]), false);
  is(contains([SQUARE, HOLE], [0.5, 2]), true);
  /** @type {Ring} */
  const diamond = [[0, -1], [1, 0], [0, 1], [-1, 0], [0, -1]];
  is(contains([diamond], [0, 0]), true, 'at the height of two corners');
  is(contains([diamond], [-2, 0]), false);
});

Deno.test('boxes that only touch do not overlap; a box may share the edge of the one it lies in', () => {
  is(overlap([0, 0, 10, 10], [10, 0, 20, 10]), false);
  is(overlap([0, 0, 10, 10], [9.99, 0, 20, 10]), true);
  is(within([0, 0, 10, 10], [0, 0, 10, 10]), true);
  is(within([0, 0, 10.01, 10], [0, 0, 10, 10]), false);
  same(around([5, 6], 1, 2), [4, 4, 6, 8]);
});

Deno.test('boxes are found across squares, once each', () => {
  const boxes = new Boxes(64);
  boxes.add([0, 0, 200, 10], 'long');
  boxes.add([300, 300, 310, 310], 'far');
  same(boxes.hit([60, 5, 130, 6]).map(({ thing }) => thing), ['long']);
  same(boxes.hit([200, 0, 250, 10]), [], 'it only touches');
  same(boxes.hit([-100, -100, -50, -50]), []);
});

Deno.test('rings of all parts in one list', () => same(rings({ polygons: [[SQUARE, HOLE], [SQUARE]] }), [SQUARE, HOLE, SQUARE]));
