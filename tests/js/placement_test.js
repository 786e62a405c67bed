import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { Boxes } from '../../assets/scripts/map/geometry.js';
import { isBeforeCamera, labelBox, pinBox, pinSize, placeFacilities, placeLabels, placePins } from '../../assets/scripts/map/placement.js';

/** A map whose degrees are its pixels, seen from above. @type {Viewport} */
const viewport = { width: 1000, height: 800, project: ([x, y]) => [x, y, 0], unproject: ([x, y]) => [x, y] };
/** @type {PlacingView} */
const VIEW = { viewport, free: [0, 0, 1000, 800], small: false, flat: false, pin: 26, scale: 1 };
/** @type {Label} */
const LABEL = {
  at: [500, 400],
  text: '街道',
  size: 20,
  rank: 10,
  weight: 1,
  reach: [[0, 400], [1000, 400]],
  rings: [[[400, 300], [600, 300], [600, 500], [400, 500], [400, 300]]],
  inverted: false,
  code: '1',
};
/** @type {(key: string, lon: number, lat: number, state?: string) => CaseRow} */
const pin = (key, lon, lat, state = 'overdue') => ({ key, lon, lat, state, category: '', channel: '', reported_at: '' });
/** @type {(labels: Label[], view?: Partial<PlacingView>, pins?: CaseRow[], circles?: Circle[]) => unknown[]} */
const placed = (labels, view = {}, pins = [], circles = []) =>
  placeLabels(labels, pins, circles, { ...VIEW, ...view }).placed.map(({ code, offset }) => [code, offset]);

Deno.test('what is urgent is larger', () => {
  same(['overdue', 'amber', 'on_time'].map((state) => pinSize(state, 100)), [115.99999999999999, 104, 80]);
});

Deno.test('a pin stands on its place, a name around it', () => {
  same(pinBox([100, 200], 100).map(Math.round), [58, 85, 142, 200]);
  const [left, top, right, bottom] = labelBox({ text: '街道\nab', size: 20 }, 100, 200);
  same([right - left, bottom - top].map((side) => side.toFixed(2)), ['48.80', '52.80']);
  is((left + right) / 2, 100);
});

Deno.test('only what is before the camera is seen', () => {
  same([-1, -0.99, 0.99, 1].map(isBeforeCamera), [false, true, true, false]);
});

Deno.test('a name stands at its own place where it can', () => same(placed([LABEL]), [['1', [0, 0]]]));

Deno.test('a name nearer than 14 pixels to the edge of the free part stays away', () => {
  same(placed([{ ...LABEL, at: [500, 14] }]), []);
  is(placed([{ ...LABEL, at: [500, 15] }]).length, 1);
});

Deno.test('of two names in one place the larger stays; the other steps aside if it is important, and else stays away', () => {
  same(placed([{ ...LABEL, code: '2', weight: 0.5 }, LABEL]), [['1', [0, 0]], ['2', [0, 44]]]);
  same(placed([{ ...LABEL, code: '2', rank: 5, weight: 9 }, LABEL]), [['1', [0, 0]]]);
  same(placed([{ ...LABEL, code: '2', weight: 0.5 }, LABEL], { scale: 2 }), [['1', [0, 0]], ['2', [0, 52]]]);
});

Deno.test('a name on a flat map does not leave its area', () => {
  const second = { ...LABEL, code: '2' };
  const small = { ...second, rings: [[[490, 390], [510, 390], [510, 410], [490, 410], [490, 390]]] };
  is(placed([LABEL, second], { flat: true }).length, 2);
  is(placed([LABEL, /** @type {Label} */ (small)], { flat: true }).length, 1);
  is(placed([LABEL, /** @type {Label} */ (small)], { flat: false }).length, 2);
});

Deno.test('no name under the page’s own buttons or on the number of a circle', () => {
  same(placed([{ ...LABEL, rank: 5 }], { covered: [[300, 200, 700, 600]] }), []);
  const aside = /** @type {any} */ (placed([LABEL], {}, [], [{ n: 4, overdue: 0, lon: 500, lat: 400 }]));
  same(aside[0][1] === undefined || (aside[0][1][0] === 0 && aside[0][1][1] === 0), false);
});

Deno.test('pins that hide each other are folded into the more urgent one', () => {
  const pins = [pin('a', 100, 100), pin('b', 105, 100), pin('c', 300, 100)];
  same(placePins(pins, new Boxes(), VIEW).map(({ key, more, folded }) => [key, more, folded]), [['a', 1, ['b']], ['c', 0, []]]);
});

Deno.test('under a name a pin that is not urgent joins one nearer than 90 pixels', () => {
  const names = new Boxes();
  names.add([150, 50, 260, 150], {});
  const urgent = pin('a', 100, 100);
  /** @type {(at: number, state: string) => string[]} */
  const drawn = (at, state) => placePins([urgent, pin('b', at, 100, state)], names, VIEW).map(({ key }) => key);
  same(drawn(189, 'on_time'), ['a']);
  same(drawn(190, 'on_time'), ['a', 'b'], 'none is near enough');
  same(drawn(189, 'amber'), ['a', 'b'], 'it is urgent');
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
