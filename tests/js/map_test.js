import { deepStrictEqual as same, ok, strictEqual as is, throws } from 'node:assert';
import { freeBox, limitedPadding } from '../../assets/scripts/map/camera.js';
import { circleRadius, cluster, mercator } from '../../assets/scripts/map/clusters.js';
import { css, mix, parseHex } from '../../assets/scripts/map/colors.js';
import { classOf } from '../../assets/scripts/map/recipes/buildings.js';
import { GridMap } from '../../assets/scripts/map/grid_map.js';
import { ringStep } from '../../assets/scripts/map/recipes/incidents.js';
import { leftOutText } from '../../assets/scripts/map/left_out.js';
import { sourceOf } from '../../assets/scripts/map/picture.js';
import { scaled } from '../../assets/scripts/map/flat_map.js';
import { recipeOf } from '../../assets/scripts/map/recipes/index.js';
import { spaced, weight } from '../../assets/scripts/map/recipes/labels.js';
import { scaleAt } from '../../assets/scripts/map/scale_bar.js';
import { convert } from '../../assets/scripts/map/spec.js';
import { beginsAtTheRight, broken, codeOf, fill, lastLabel, needsShaping, textWidth } from '../../assets/scripts/map/text.js';
import { clock, dayOf, duration } from '../../assets/scripts/map/time.js';
import { tipPlace } from '../../assets/scripts/map/tooltip.js';
import { byKind, tileAddress } from '../../assets/scripts/map/vector_tiles.js';

Deno.test('colours are read from six hex digits only', () => {
  same(parseHex('#0a80ff'), [10, 128, 255]);
  same([parseHex('#fff'), parseHex('0a80ff'), parseHex('#0a80fg'), parseHex('')], [null, null, null, null]);
});

Deno.test('colours are mixed by share, and opaque', () => {
  same([0, 0.5, 1].map((share) => mix([0, 100, 255, 9], [100, 0, 255, 9], share)), [[0, 100, 255, 255], [50, 50, 255, 255], [
    100,
    0,
    255,
    255,
  ]]);
  is(css([1, 2, 3, 255]), 'rgba(1,2,3,1)');
  is(css([1, 2, 3, 51]), 'rgba(1,2,3,0.2)');
});

Deno.test('a value on a break belongs to the class above it', () => {
  same([3, 4, 6, 7, 34].map((value) => classOf(value, [4, 7, 34])), [0, 1, 1, 2, 3]);
});

Deno.test('the red part of a ring is the share that is overdue, never none of some nor all of fewer', () => {
  same([0, 1, 25, 50, 99, 100].map((overdue) => ringStep({ n: 100, overdue })), [0, 1, 6, 12, 23, 24]);
  is(ringStep({ n: 1, overdue: 1 }), 24);
});

Deno.test('circles grow with the number up to 28 pixels', () => {
  const desk = { small: false, scale: 1 };
  same([1, 2, 4].map((n) => circleRadius({ n }, desk)), [11, 13.4, 15.8]);
  is(circleRadius({ n: 1e6 }, desk), 28);
  is(circleRadius({ n: 1 }, { small: false, scale: 2 }), 22);
  is(circleRadius({ n: 1e6 }, { small: true, scale: 1 }), 21);
});

Deno.test('mercator is symmetric and ends at the square world', () => {
  ok(Math.abs(mercator(0)) < 1e-9);
  ok(Math.abs(mercator(85.0511287798) - 256) < 1e-6);
  ok(Math.abs(mercator(-30) + mercator(30)) < 1e-9);
});

Deno.test('points of one square are one circle at their middle', () => {
  const point = { lon: 120, lat: 30, state: 'amber' };
  const [circle, ...none] = cluster([point, { ...point, lon: 120.0002, state: 'overdue' }], 12);
  same(none, []);
  same([circle.n, circle.overdue], [2, 1]);
  ok(Math.abs(circle.lon - 120.0001) < 1e-9);
  is(circle.lat, 30);
});

Deno.test('rows that count several weigh as many, and small circles come first', () => {
  const rows = [{ lon: 120, lat: 30, state: '', n: 3, overdue: 2 }, { lon: 120.0004, lat: 30, state: '', n: 1, overdue: 0 }];
  const circles = cluster([...rows, { lon: 125, lat: 30, state: 'overdue' }], 10);
  same(circles.map(({ n, overdue }) => [n, overdue]), [[1, 1], [4, 2]]);
  ok(Math.abs(circles[1].lon - 120.0001) < 1e-9);
});

Deno.test('squares halve with each zoom', () => {
  const points = [{ lon: 120.001, lat: 30, state: '' }, { lon: 120.014, lat: 30, state: '' }];
  is(cluster(points, 8).length, 1);
  is(cluster(points, 16).length, 2);
});

Deno.test('texts are filled in; what is unknown stays', () => is(fill('{n} of {all} {x}', { n: 0, all: 2 }), '0 of 2 {x}'));

Deno.test('labels and codes', () => {
  is(lastLabel('a.b.c'), 'c');
  is(lastLabel('a'), 'a');
  is(codeOf('990101_2d_A'), '990101-A');
  is(codeOf('990101'), '990101');
});

Deno.test('Chinese characters are as wide as high', () => {
  is(textWidth('井格'), 2.04);
  is(textWidth('ab'), 1.16);
  is(textWidth('𠮷'), 1.02, 'also those beyond 16 bits');
  is(textWidth('אב'), 1.36);
  is(textWidth('e\u0301\u200b'), 0.58, 'marks take no room');
});

Deno.test('what cannot be set letter by letter from the left is set as a whole', () => {
  const whole = ['שכונת הפרחים', 'حي الملك', 'สวน', 'नगर', '🏙️ District', 'e\u0301'];
  same(whole.filter((text) => !needsShaping(text)), []);
  same(['钟楼区 8.4', 'Комитет', 'Élysée', '𠮷野', '<b>"x"</b>', '≥ 5 – −3%'].filter(needsShaping), []);
  same(['שכונת', '12 حي', 'Ward שכונת', '区'].map(beginsAtTheRight), [true, true, false, false]);
});

Deno.test('a name longer than 15 Latin letters is broken at its spaces into lines of about the same length', () => {
  is(broken('Fifteen letters'), 'Fifteen letters');
  is(broken('Sixteen characte'), 'Sixteen\ncharacte');
  is(broken('The Old Town and Harbour'), 'The Old Town\nand Harbour');
  is(broken('Unbreakablelongname'), 'Unbreakablelongname');
  is(broken('很长很长很长很长很长很长的街道 名字'), '很长很长很长很长很长很长的街道 名字');
  is(broken('Changting Street'), 'Changting\nStreet');
  is(broken('حي الملك عبدالله بن عبدالعزيز'), 'حي الملك عبدالله\nبن عبدالعزيز');
  is(broken('one two three four five six seven eight nine ten eleven twelve').split('\n').length, 4, 'four lines at most');
  is(broken('The Old Town and Harbour\n12.5'), 'The Old Town\nand Harbour\n12.5');
});

Deno.test('a picture of the map is its free part, in the pixels of the screen', () => {
  same(sourceOf([300, 50, 900, 650], { width: 1200, height: 700 }, { width: 2400, height: 1400 }), [600, 100, 1200, 1200]);
  same(sourceOf([10, 10, 10, 10], { width: 100, height: 100 }, { width: 100, height: 100 }), [10, 10, 1, 1], 'never nothing');
});

Deno.test('the flat map is zoomed around its middle', () => same(scaled([10, 30], 0.5), [15, 25]));

Deno.test('short Chinese names of waters are spread', () => {
  is(spaced('大河'), '大    河');
  is(spaced('大运河水系'), '大运河水系');
  is(spaced('River'), 'River');
});

Deno.test('larger areas weigh more', () => {
  /** @type {(side: number) => Area} */
  const square = (side) => ({ code: '', path: '', name: '', polygons: [[[[0, 0], [side, 0], [side, side], [0, side], [0, 0]]]] });
  same([weight(square(1)), weight(square(3))], [2, 18]);
});

Deno.test('the scale bar is the longest round length of at most 96 pixels', () => {
  const at = scaleAt({ latitude: 0, zoom: 12 });
  is(at.length, 1000);
  ok(Math.abs(at.width - 52.3306) < 1e-3);
  is(scaleAt({ latitude: 60, zoom: 12 }).length, 500);
  is(scaleAt({ latitude: 0, zoom: 12 }, 192).length, 2000, 'on a large screen twice as wide');
  const widest = Math.log2((96 * 40075016.686) / 512 / 1000);
  is(scaleAt({ latitude: 0, zoom: widest - 1e-6 }).length, 1000);
  is(scaleAt({ latitude: 0, zoom: widest + 1e-6 }).length, 500);
  is(scaleAt({ latitude: 0, zoom: 0 }).length, 50000, 'nothing longer is known');
  is(scaleAt({ latitude: 0, zoom: 24 }).length, 5, 'nothing shorter is known');
});

Deno.test('a part of the map stays free whatever panels cover', () => {
  const size = { width: 1000, height: 1000 };
  same(limitedPadding([304, 366, 48, 88], size), { left: 304, right: 366, top: 48, bottom: 88 });
  same(limitedPadding([670, 670, 760, 760], size), { left: 335, right: 335, top: 380, bottom: 380 });
  same(freeBox({ left: 300, right: 200, top: 50, bottom: 100, small: false }, size), [308, 58, 792, 892]);
});

Deno.test('a note stands right above the pointer, else on the side that has room', () => {
  const size = { width: 100, height: 40 };
  /** @type {Box} */
  const free = [0, 0, 500, 300];
  same(tipPlace([200, 200], size, free), [218, 142]);
  same(tipPlace([382, 200], size, free), [264, 142], 'it would touch the edge');
  same(tipPlace([381, 200], size, free), [399, 142]);
  same(tipPlace([200, 58], size, free), [218, 76]);
  same(tipPlace([200, 59], size, free), [218, 1]);
});

Deno.test('spans of time are told in hours below two days', () => {
  const words = { hours: '{n} h', days: '{n} d' };
  const hour = 3.6e6;
  same([0, 0.49, 0.5, 47, 47.49, 47.5, 60].map((hours) => duration(hours * hour, words)), [
    '0 h',
    '0 h',
    '1 h',
    '47 h',
    '47 h',
    '2 d',
    '3 d',
  ]);
  is(duration(-47 * hour, words), '47 h');
});

Deno.test('moments are told on the clock of the city', () => {
  is(clock('2026-03-01T16:05:00Z', 'Asia/Shanghai', 'zh'), '03-02 00:05');
  is(clock('2026-03-01T16:05:00Z', 'Asia/Shanghai', 'en'), '2 Mar 00:05');
  is(clock('2026-03-01T16:05:00Z', 'UTC', 'zh'), '03-01 16:05');
  is(dayOf('2026-03-01T16:05:00Z', 'Asia/Shanghai', 'zh'), '03-02');
  is(dayOf('2026-03-01T16:05:00Z', 'Asia/Shanghai', 'en'), '2 Mar');
});

Deno.test('only known functions of a specification are made, and rows stay as they are', () => {
  const made = convert({
    get: { '@@function': 'field', name: 'x' },
    of: { '@@function': 'inkOf', name: 'class', inks: [[1], [2]] },
    data: [{ '@@function': 'y' }],
  });
  is(made.get({ x: 7 }), 7);
  same(made.of({ class: 1 }), [2]);
  same(made.data, [{ '@@function': 'y' }]);
  same(convert([1, null, 'a']), [1, null, 'a']);
  throws(() => convert({ '@@function': 'eval' }), /unknown function eval/);
  throws(() => convert({ '@@function': 'constructor' }), /unknown function/);
});

Deno.test('layers are drawn by recipes of their own names only', () => {
  is(typeof recipeOf('AreaFill').draw, 'function');
  throws(() => recipeOf('Nothing'), /no recipe for Nothing/);
  throws(() => recipeOf('constructor'), /no recipe/);
});

Deno.test('the address of a tile', () =>
  is(tileAddress('/tiles/base/{z}/{x}/{y}.mvt?v=1', { x: 3, y: 4, z: 5 }), '/tiles/base/5/3/4.mvt?v=1'));

Deno.test('features are sorted by kind, each part is a row, and main roads lie over side streets', () => {
  /** @type {(kind: string | undefined, rank: number, type: string, coordinates: any[]) => any} */
  const feature = (kind, rank, type, coordinates) => ({ geometry: { type, coordinates }, properties: { kind, rank, layerName: 'base' } });
  const kinds = byKind([
    feature('road', 1, 'LineString', [1]),
    feature('road', 4, 'MultiLineString', [[2], [3]]),
    feature(undefined, 0, 'Polygon', [4]),
  ]);
  same(kinds.road.map(({ rank, shape }) => [rank, shape]), [[4, [2]], [4, [3]], [1, [1]]]);
  same(kinds.base.map(({ shape }) => shape), [[4]]);
  same(byKind(null), {});
});

Deno.test('what is counted and not drawn is told, and nothing else', () => {
  const words = { cases_left_out: '{n} cases', facilities_left_out: '{n} facilities' };
  same(leftOutText(0, 0, words), []);
  same(leftOutText(1234, 0, words), ['1,234 cases']);
  same(leftOutText(1, 2, words), ['1 cases', '2 facilities']);
});

Deno.test('a map that shows a part of a picture says where it lies, also before it has begun', () => {
  const map = new GridMap();
  map.part = { index: 2, count: 3 };
  is(map.left, 0);
  map.stage = /** @type {any} */ ({ root: { clientWidth: 400 } });
  is(map.left, -800);
});
