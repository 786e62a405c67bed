/** Areas: coloured, hatched where there is no value, bordered; and what an area under the pointer means. */

import { ink } from '../colors.js';
import { dashes, distance, hatch, rings } from '../geometry.js';
import { FLAT } from '../lighting.js';
import { memo } from '../memo.js';
import { codeOf, lastLabel } from '../text.js';

/**
 * Every part of every area as one row.
 *
 * @param {Shapes} shapes
 */
const parts = (shapes) =>
  memo(shapes, 'parts', () => shapes.areas.flatMap((area) => area.polygons.map((shape) => ({ shape, label: lastLabel(area.path) }))));

/** @type {Recipe} */
export const AreaFill = {
  draw(props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    /** @type {(color: Ink) => Ink} */
    const shade = (color) => [...color.slice(0, 3), props.alpha];
    const inks = props.inks.map(shade);
    const missing = shade(props.noData);
    return [
      new deck.SolidPolygonLayer({
        id: props.id,
        data: parts(shapes),
        getPolygon: (/** @type {any} */ d) => d.shape,
        getFillColor: (/** @type {any} */ { label }) => inks[props.classes[label]] ?? missing,
        pickable: true,
        updateTriggers: { getFillColor: [props.classes, inks] },
        ...FLAT,
      }),
    ];
  },
  means: (row, scene) => areaMeaning(row.label, scene),
};

/** @type {Recipe} */
export const AreaHatch = {
  draw(props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const key = `hatch ${props.pitchM} ${JSON.stringify(props.classes)}`;
    const lines = memo(
      shapes,
      key,
      () => parts(shapes).filter(({ label }) => props.classes[label] === -1).flatMap(({ shape }) => hatch(shape, props.pitchM)),
    );
    const [width, widthUnits] = props.width.meters ? [props.width.meters, 'meters'] : [props.width.pixels, 'pixels'];
    if (!lines.length) return [];
    const { id, getColor } = props;
    return [new deck.PathLayer({ id, data: lines, getPath: (/** @type {Ring} */ d) => d, getWidth: width, widthUnits, getColor, ...FLAT })];
  },
};

/**
 * @param {string} id
 * @param {Ring[]} data
 * @param {number} width
 * @param {Ink} color
 */
const border = (id, data, width, color) =>
  new deck.PathLayer({
    id,
    data,
    getPath: (/** @type {Ring} */ d) => d,
    getWidth: width,
    widthUnits: 'pixels',
    getColor: color,
    jointRounded: true,
    capRounded: true,
    ...FLAT,
  });

/** Borders that somebody drew are lines; those made from points are dashes, this share of the area's breadth apart. */
const DASHES = 12;

/** @param {Area} area */
function edges(area) {
  if (area.origin !== 'approximate') return rings(area);
  return rings(area).flatMap((ring) => {
    const [lons, lats] = [ring.map((p) => p[0]), ring.map((p) => p[1])];
    const breadth = distance([Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]);
    return dashes(ring, breadth / DASHES);
  });
}

/** @type {Recipe} */
export const AreaLines = {
  draw(props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const skip = props.skip || [];
    const paths = memo(
      shapes,
      'rings ' + skip.join(),
      () => shapes.areas.filter((/** @type {Area} */ area) => !skip.includes(area.code)).flatMap(edges),
    );
    const drawn = [border(props.id, paths, props.getWidth, props.getColor)];
    if (props.halo) drawn.unshift(border(props.id + '-halo', paths, props.haloWidth, props.halo));
    return props.hover ? [...drawn, ...hoverLines(scene)] : drawn;
  },
};

/**
 * The area under the pointer, drawn below the buildings in 3D and above the borders in 2D.
 *
 * @param {any} scene
 */
function hoverLines(scene) {
  const area = scene.hover && scene.areas.get(scene.hover);
  if (!area) return [];
  return [border('hover-halo', rings(area), 7, ink('map-halo', 230)), border('hover', rings(area), 3.25, ink('accent'))];
}

/**
 * What an area under the pointer means; also for things that stand for their area.
 *
 * @param {string | undefined} label Of its path.
 * @param {any} scene
 * @returns {Meaning}
 */
export function areaMeaning(label, scene) {
  const area = label === undefined ? undefined : scene.areas.get(label);
  return {
    hover: label ?? null,
    tip: () => (label === undefined ? null : tipOf(label, scene)),
    pick: area ? { kind: 'area', code: area.drill || area.code } : { kind: 'empty' },
  };
}

/**
 * Each area brings its name, its value and its own lines; what all have in common is sent once.
 *
 * @param {string} label
 * @param {any} scene
 * @returns {Tip | null}
 */
function tipOf(label, scene) {
  const { of, unit, ref, span } = scene.spec.tips;
  if (!of[label]) return null;
  const [title, value, ...own] = of[label];
  const code = codeOf(label);
  const approximate = scene.areas.get(label)?.origin === 'approximate' ? scene.spec.words.approximate : '';
  const tip = { key: 'area ' + label, title, sub: code, lines: [...own, span, approximate] };
  return value === null ? tip : { ...tip, value, unit, ref: code === scene.spec.area.code ? '' : ref };
}
