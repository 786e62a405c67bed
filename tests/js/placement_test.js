import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { Boxes } from '../../assets/scripts/map/geometry.js';
import { apart, besideNames, joined, pinBox, pinSize, placeFacilities, placePins } from '../../assets/scripts/map/placement.js';
import { isBeforeCamera } from '../../assets/scripts/map/world.js';

/** A map whose degrees are its pixels, seen from above. @type {Viewport} */
const viewport = { width: 1000, height: 800, project: ([x, y]) => [x, y, 0], unproject: ([x, y]) => [x, y] };
/** @type {PlacingView} */
const VIEW = { viewport, free: [0, 0, 1000, 800], small: false, flat: false, pin: 26, scale: 1 };
/** @type {(key: string, lon: number, lat: number, state?: string) => CaseRow} */
const pin = (key, lon, lat, state = 'overdue') => ({ key, lon, lat, state, category: '', channel: '', reported_at: '' });
Deno.test('what is urgent is larger', () => {
  same(['overdue', 'amber', 'on_time'].map((state) => pinSize(state, 100)), [115.99999999999999, 104, 80]);
});

Deno.test('a pin stands on its place', () => same(pinBox([100, 200], 100).map(Math.round), [58, 85, 142, 200]));

Deno.test('only what is before the camera is seen', () => {
  same([-1, -0.99, 0.99, 1].map(isBeforeCamera), [false, true, true, false]);
});

Deno.test('pins that hide each other are folded into the more urgent one', () => {
  const pins = [pin('a', 100, 100), pin('b', 105, 100), pin('c', 300, 100)];
  same(placePins(pins, new Boxes(), VIEW).map(({ key, more, folded }) => [key, more, folded]), [['a', 1, ['b']], ['c', 0, []]]);
});

Deno.test('where pins keep room for what is folded into them, the next one stands beyond it', () => {
  /** @type {(at: number, room: number) => number} */
  const drawn = (at, room) => placePins([pin('a', 100, 100), pin('b', at, 100)], new Boxes(), { ...VIEW, room }).length;
  const size = pinSize('overdue', VIEW.pin);
  const near = 100 + size * 0.84;
  same([drawn(near + 1, 0), drawn(near + 1, 0.9), drawn(near + size * 0.9 + 1, 0.9)], [2, 1, 2]);
});

Deno.test('under a name a pin joins one nearer than 90 pixels', () => {
  const names = new Boxes();
  names.add([150, 50, 260, 150], {});
  const urgent = pin('a', 100, 100);
  /** @type {(at: number, state: string) => string[]} */
  const drawn = (at, state) => placePins([urgent, pin('b', at, 100, state)], names, VIEW).map(({ key }) => key);
  same(drawn(189, 'on_time'), ['a']);
  same(drawn(190, 'on_time'), ['a', 'b'], 'none is near enough');
  same(drawn(189, 'amber'), ['a'], 'an urgent one is counted there, too');
});

Deno.test('a pin that would cover a name lets one of its own stand for it, in the open; one that is alone stays', () => {
  const names = new Boxes();
  names.add([90, 60, 140, 94], {});
  /** @type {(...pins: CaseRow[]) => [string, number, string[]][]} */
  const drawn = (...pins) => placePins(pins, names, VIEW).map(({ key, more, folded }) => [key, more, folded]);
  same(drawn(pin('a', 100, 105)), [['a', 0, []]]);
  same(drawn(pin('a', 100, 105), pin('b', 100, 110, 'amber'), pin('c', 100, 129)), [['c', 2, ['a', 'b']]]);
  same(drawn(pin('a', 100, 105), pin('b', 100, 110, 'amber')), [['a', 1, ['b']]], 'what is late is shown, also over a name');
  same(drawn(pin('a', 100, 105), pin('b', 60, 105)), [['b', 1, ['a']]]);
  same(drawn(pin('a', 100, 105), pin('b', 60, 105, 'amber')).map(([key]) => key), ['a', 'b']);
});

Deno.test('pins far off the screen are left out', () => {
  const pins = [pin('a', -40, 100), pin('b', -39, 100), pin('c', 500, 859), pin('d', 500, 860)];
  same(placePins(pins, new Boxes(), VIEW).map(({ key }) => key), ['b', 'c']);
});

Deno.test('facilities that have room are shown, the first first', () => {
  /** @type {(key: string, lon: number) => Facility} */
  const facility = (key, lon) => ({ key, lon, lat: 100, name: '', kind: '', symbol: '' });
  const rows = [facility('a', 100), facility('b', 121), facility('c', 122), facility('d', -20)];
  same(placeFacilities(rows, viewport, 22).map(({ key }) => key), ['a', 'c']);
});

/** @type {(lon: number, lat: number, n: number, overdue?: number) => Circle} */
const circle = (lon, lat, n, overdue = 0) => ({ lon, lat, n, overdue });

Deno.test('circles that touch become one at the middle of what they hold', () => {
  same(joined(circle(0, 0, 3, 1), circle(40, 20, 1)), circle(10, 5, 4, 1));
  // Radii 11 and 11, and 3 pixels between them.
  same(apart([circle(100, 100, 1), circle(124.9, 100, 1, 1)], VIEW).map(({ n, overdue }) => [n, overdue]), [[2, 1]]);
  is(apart([circle(100, 100, 1), circle(125, 100, 1)], VIEW).length, 2);
});

Deno.test('a circle that grew by joining takes in what it touches now, and no case is lost', () => {
  const row = Array.from({ length: 40 }, (_, i) => circle(100 + 21 * i, 100, 1 + (i % 5), i % 2));
  const left = apart(row, VIEW);
  is(left.reduce((sum, one) => sum + one.n, 0), row.reduce((sum, one) => sum + one.n, 0));
  is(apart(left, VIEW).length, left.length);
});

Deno.test('a circle under a name is counted in the nearest other one; the last one stays', () => {
  const names = new Boxes();
  names.add([90, 90, 110, 110], {});
  same(besideNames([circle(100, 100, 2, 1), circle(150, 100, 3), circle(300, 100, 4)], names, VIEW), [
    circle(300, 100, 4),
    circle(150, 100, 5, 1),
  ]);
  same(besideNames([circle(100, 100, 2)], names, VIEW), [circle(100, 100, 2)]);
});

Deno.test('circles on both sides of the 180th meridian join there', () => {
  same(joined(circle(179, 0, 1), circle(-179, 0, 1)).lon, 180);
  same(joined(circle(179.5, 0, 3), circle(-179.5, 0, 1)).lon, 179.75);
});
