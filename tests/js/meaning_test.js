import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { meaningOf, NOTHING } from '../../assets/scripts/map/picking.js';

const TIPS = { unit: 'per 1,000', ref: 'City 5', span: '1–30 March', of: { u1: ['One', '7', '7 cases'], u2: ['Two', null, 'too few'] } };
const LAYERS = [
  { '@@type': 'AreaFill', id: 'grid' },
  { '@@type': 'BuildingTiles', id: 'buildings' },
  { '@@type': 'IncidentPins', id: 'fg-incidents', foldedUntilZoom: 17.5 },
  { '@@type': 'FacilityPins', id: 'fg-facilities' },
  { '@@type': 'ColumnLayer', id: 'population' },
];
/** @type {(leaf: boolean) => any} */
const scene = (leaf) => ({
  spec: {
    lang: 'en',
    tips: TIPS,
    area: { code: 'c', label: 'c', leaf },
    words: {
      approximate: 'approximate',
      building: 'Building',
      floors: '{n} floors',
      cases_here: '{n} cases here',
      zoom_in: 'Zoom in',
      states: { overdue: 'Overdue' },
    },
  },
  areas: new Map([['u1', { code: 'u1', origin: 'drawn' }], ['u2', { code: 'u2', drill: 'other', origin: 'approximate' }]]),
  layerOf: (/** @type {string} */ id) => LAYERS.find((layer) => id.startsWith(layer.id)),
  labelOf: (/** @type {string} */ code) => code,
});
/** @type {(id: string, object: any, leaf?: boolean) => Meaning} */
const meaning = (id, object, leaf = false) => meaningOf({ object, layer: { id } }, scene(leaf));

Deno.test('an area opens itself, and a neighbour the area that it names as its own', () => {
  same(meaning('grid', { label: 'u1' }).pick, { kind: 'area', code: 'u1' });
  same(meaning('grid', { label: 'u2' }).pick, { kind: 'area', code: 'other' });
  same(meaning('grid', { label: 'unknown' }).pick, { kind: 'empty' });
  is(meaning('grid', { label: 'u1' }).hover, 'u1');
});

Deno.test('an area tells its name, value and lines; the picked area is not compared with itself', () => {
  same(meaning('grid', { label: 'u1' }).tip(), {
    key: 'area u1',
    title: 'One',
    sub: 'u1',
    lines: ['7 cases', '1–30 March', ''],
    value: '7',
    unit: 'per 1,000',
    ref: 'City 5',
  });
  same(meaning('grid', { label: 'u2' }).tip(), {
    key: 'area u2',
    title: 'Two',
    sub: 'u2',
    lines: ['too few', '1–30 March', 'approximate'],
  });
  is(meaning('grid', { label: 'unknown' }).tip(), null);
});

Deno.test('a column of an area means the area', () => same(meaning('population', { code: 'u2' }).pick, { kind: 'area', code: 'other' }));

Deno.test('a row of a plain layer brings its own note', () => {
  const told = meaning('population', { tip: { title: 'Gauge', value: '3 m' } });
  same([told.tip(), told.pick, told.hover], [{ key: 'population Gauge', title: 'Gauge', value: '3 m' }, { kind: 'empty' }, null]);
  is(meaning('population', { height: 3 }), NOTHING);
});

Deno.test('a building opens only in an area without parts, and only where its key is known', () => {
  const row = { key: '1:a', p: 'c.u1', floors: 3 };
  same(meaning('buildings-inside', row, true).pick, { kind: 'building', key: '1:a' });
  same(meaning('buildings-inside', row, false).pick, { kind: 'area', code: 'u1' });
  same(meaning('buildings-inside', { ...row, key: undefined }, true).pick, { kind: 'area', code: 'u1' });
  same(meaning('buildings-context', { ...row, p: 'x.u1' }, true).pick, { kind: 'area', code: 'u1' }, 'it stands outside the picked area');
  is(meaning('buildings-inside', row, true).hover, null);
  same(meaning('buildings-inside', row, true).tip(), { key: 'building 1:a', title: 'Building', sub: 'One', lines: ['3 floors', ''] });
});

Deno.test('a single case opens; a pin that holds several comes closer until it is near', () => {
  const row = { state: 'overdue', key: '1:c', more: 0, lon: 1, lat: 2 };
  same([meaning('fg-incidents', row).pick, meaning('fg-incidents', row).closer], [{ kind: 'incident', key: '1:c' }, undefined]);
  same(meaning('fg-incidents', { ...row, more: 1 }).closer, { lon: 1, lat: 2, untilZoom: 17.5 });
});

Deno.test('a circle comes closer at every zoom, and tells its number', () => {
  const circle = meaning('fg-incidents-circles', { n: 5, overdue: 2, lon: 1, lat: 2 });
  is(circle.closer?.untilZoom, Infinity);
  same([circle.closer?.lon, circle.closer?.lat], [1, 2]);
  same(circle.tip()?.lines, ['Overdue 2', 'Zoom in']);
});

Deno.test('a facility opens and tells its kind in the reader’s language', () => {
  const told = meaning('fg-facilities', { key: '1:f', name: '一', kind: '学校', kind_en: 'School' });
  same([told.pick, told.tip()?.lines], [{ kind: 'facility', key: '1:f' }, ['School']]);
});

Deno.test('the ground means nothing', () => {
  is(meaningOf(null, scene(false)), NOTHING);
  is(meaningOf({ layer: { id: 'grid' } }, scene(false)), NOTHING);
  is(meaning('base', {}), NOTHING);
});
