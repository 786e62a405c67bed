import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { contains } from '../../assets/scripts/map/geometry.js';
import { labelBox, letterBox, placeLabels, placesAround } from '../../assets/scripts/map/names.js';

/** A map whose degrees are its pixels (between -180 and 180), seen from above. @type {Viewport} */
const viewport = { width: 1000, height: 800, project: ([x, y]) => [x, y, 0], unproject: ([x, y]) => [x, y] };
/** @type {PlacingView} */
const VIEW = { viewport, free: [0, 0, 1000, 800], small: false, flat: false, pin: 26, scale: 1 };
/** @type {(west: number, south: number, east: number, north: number) => Ring} */
const ring = (west, south, east, north) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
/** @type {(extent: Box, part?: Partial<Label>) => Label} */
const label = (extent, part = {}) => ({
  at: [(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2],
  text: '街道',
  size: 20,
  rank: 10,
  weight: 1,
  extent,
  rings: [ring(...extent)],
  inverted: false,
  code: '1',
  ...part,
});
// Two Chinese characters of 20 pixels are 40.8 wide and 24.4 high.
/** @type {Box} */
const WIDE = [100, 300, 160, 380];
/** @type {(labels: Label[], view?: Partial<PlacingView>, circles?: Circle[], pins?: CaseRow[]) => Label[]} */
const placed = (labels, view = {}, circles = [], pins = []) => placeLabels(labels, pins, circles, { ...VIEW, ...view }).placed;

Deno.test('a name takes its letters and a little around them', () => {
  same(letterBox({ text: '街道', size: 20 }, [100, 200]).map((side) => Number(side.toFixed(2))), [79.6, 187.8, 120.4, 212.2]);
  same(labelBox({ text: '街道', size: 20 }, 100, 200).map((side) => Number(side.toFixed(2))), [75.6, 185.8, 124.4, 214.2]);
});

Deno.test('a name stands at its own place where it can', () => {
  const [one] = placed([label(WIDE)]);
  same([one.at, one.size], [[130, 340], 20]);
});

for (const flat of [true, false]) {
  Deno.test(`a name stays inside its area or is not shown, ${flat ? 'flat' : 'in three dimensions'}`, () => {
    is(placed([label([100, 300, 141, 380])], { flat }).length, 1);
    same(placed([label([100, 300, 141, 380])], { flat })[0].size, 20);
    is(placed([label([100, 300, 140, 380])], { flat })[0].size, 16, 'smaller letters fit');
    is(placed([label([100, 300, 130, 380])], { flat })[0].size, 12);
    same(placed([label([100, 300, 124, 380])], { flat }), [], 'no letters of 12 pixels fit');
    same(placed([label([100, 300, 140, 380], { rank: 5 })], { flat }), [], 'others are not made smaller');
  });
}

Deno.test('every letter of every name lies in its own area, whatever the shape', () => {
  // An L, a ring with a hole in its middle, and a triangle.
  const shapes = [
    [[[-140, 0], [160, 0], [160, 40], [-80, 40], [-80, 300], [-140, 300], [-140, 0]]],
    [ring(-150, 0, 150, 300), ring(-100, 50, 100, 250)],
    [[[-130, 400], [170, 400], [20, 600], [-130, 400]]],
  ];
  for (const rings of /** @type {Ring[][]} */ (shapes)) {
    const xs = rings[0].map((p) => p[0]), ys = rings[0].map((p) => p[1]);
    /** @type {Box} */
    const extent = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const [one] = placed([label(extent, { rings })], { free: [-300, -100, 1000, 800] });
    ok(one, 'there is room');
    const [left, top, right, bottom] = letterBox(one, one.at);
    for (let x = left; x <= right; x += 0.7) {
      for (let y = top; y <= bottom; y += 0.7) ok(contains(rings, [x, y]), `${x} ${y} is outside`);
    }
  }
});

Deno.test('of two names in one area the larger stays, and the other steps aside', () => {
  const [first, second] = placed([label(WIDE, { code: '2', weight: 0.5 }), label(WIDE)]);
  same([first.code, second.code], ['1', '2']);
  same(first.at, [130, 340]);
  ok(Math.abs(second.at[1] - 340) >= 12 + 12, `${second.at}`);
});

Deno.test('no name under the page’s own buttons, nor nearer than 14 pixels to the edge of what is free', () => {
  same(placed([label(WIDE)], { covered: [[100, 300, 160, 380]] }), []);
  same(placed([label(WIDE)], { free: [125, 0, 1000, 800] }), []);
});

Deno.test('a name avoids circles, and covers one only if another is near enough to take it in', () => {
  /** @type {(lon: number, lat?: number) => Circle} */
  const circle = (lon, lat = 340) => ({ lon, lat, n: 1, overdue: 0 });
  const [aside] = placed([label([100, 250, 160, 430])], {}, [circle(130)]);
  ok(Math.abs(aside.at[1] - 340) > 15 + 12, 'it steps aside');
  same(placed([label([105, 320, 155, 360])], {}, [circle(130)]), [], 'no other circle');
  is(placed([label([105, 320, 155, 360])], {}, [circle(130), circle(219)]).length, 1);
  same(placed([label([105, 320, 155, 360])], {}, [circle(130), circle(220)]), [], 'it is 90 pixels away');
  same(placed([label([105, 320, 155, 360], { rank: 5 })], {}, [circle(130), circle(219)]), [], 'only for important names');
});

Deno.test('a name stands off pins where it can, and rather on one that is not urgent', () => {
  /** @type {(state: string, lat?: number) => CaseRow} */
  const pin = (state, lat = 345) => ({ key: state, lon: 130, lat, state, category: '', channel: '', reported_at: '' });
  for (const state of ['overdue', 'on_time']) {
    ok(Math.abs(placed([label([100, 250, 160, 430])], {}, [], [pin(state)])[0].at[1] - 340) > 10, state);
  }
  // Room for two places only: one on each pin.
  const narrow = label([105, 300, 155, 380]);
  const [one] = placed([narrow], {}, [], [pin('overdue', 320), pin('on_time', 372)]);
  ok(one.at[1] > 330, `${one.at}`);
});

Deno.test('places are tried from near to far', () => {
  const places = placesAround([0, 0], 10, 20);
  same(places[0], [0, 0]);
  const far = places.map(([x, y]) => Math.hypot(x, y));
  same(far, [...far].sort((a, b) => a - b));
  is(new Set(places.map(String)).size, 20);
});

Deno.test('an area across the 180th meridian has its name on it, on whichever side the map is', () => {
  const rings = [ring(170, 300, 180, 380), ring(-180, 300, -170, 380)];
  const wide = { width: 1000, height: 800 };
  for (const longitude of [179, -179]) {
    // Ten pixels a degree, with the map's middle at 500.
    /** @type {Viewport} */
    const seen = {
      ...wide,
      longitude,
      project: ([lon, lat]) => [500 + (lon - longitude) * 10, lat, 0],
      unproject: ([x, y]) => [longitude + (x - 500) / 10, y],
    };
    const [one] = placed([label([-180, 300, 180, 380], { at: [180, 340], rings })], { viewport: seen });
    ok(Math.abs(one.at[0]) > 175 && Math.abs(one.at[0]) < 180, `${one.at}`);
  }
});
