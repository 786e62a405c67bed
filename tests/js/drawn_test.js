import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { crossesItself, MOST_CORNERS, readRing, ringOfLoop, simplified, writeRing } from '../../assets/scripts/desk/map/polygon.js';

/** @type {(n: number, radius?: number) => Point[]} */
const circle = (n, radius = 100) =>
  Array.from({ length: n }, (_, at) => [radius * Math.cos((at / n) * 2 * Math.PI), radius * Math.sin((at / n) * 2 * Math.PI)]);

Deno.test('corners are written to a metre, and read as they were written', () => {
  is(writeRing([[118.4123449, 30.92], [118.5, 30.92], [118.5, -31]]), '118.41234,30.92,118.5,30.92,118.5,-31');
  same(readRing('118.41234,30.92,118.5,30.92,118.5,-31'), [[118.41234, 30.92], [118.5, 30.92], [118.5, -31]]);
});

Deno.test('across the 180th meridian a side goes the shorter way, and the address names longitudes as everybody does', () => {
  const ring = readRing('179,10,-179,10,-179,12');
  same(ring, [[179, 10], [181, 10], [181, 12]]);
  is(writeRing(ring), '179,10,-179,10,-179,12');
});

Deno.test('what is no polygon is read as none', () => {
  for (const text of ['', '1', '1,2,3,4', '1,2,3,4,5', '1,2,x,4,5,6', '1,2,,4,5,6', '1,2,Infinity,4,5,6']) same(readRing(text), [], text);
});

Deno.test('a line keeps the points that lie off it, and no others', () => {
  same(simplified([[0, 0], [5, 0.9], [10, 0]], 1), [[0, 0], [10, 0]]);
  same(simplified([[0, 0], [5, 1.1], [10, 0]], 1), [[0, 0], [5, 1.1], [10, 0]]);
  same(simplified([[0, 0], [1, 1]], 5), [[0, 0], [1, 1]]);
});

Deno.test('a loop of any length has few corners, and stays a loop', () => {
  const ring = ringOfLoop(circle(3000, 400));
  is(ring.length > 12 && ring.length <= MOST_CORNERS / 2, true);
  is(ringOfLoop(Array.from({ length: 4000 }, (_, at) => [at, (at % 2) * 40])).length <= MOST_CORNERS / 2, true);
});

Deno.test('sides that cross or touch are found, neighbours only meet', () => {
  is(crossesItself([[0, 0], [2, 0], [2, 2], [0, 2]]), false);
  is(crossesItself(circle(40)), false);
  is(crossesItself([[0, 0], [2, 2], [2, 0], [0, 2]]), true, 'a bow');
  is(crossesItself([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]]), true, 'a corner on another side');
  is(crossesItself([[0, 0], [4, 0], [4, 4], [2, 0.1], [0, 4]]), false);
});
