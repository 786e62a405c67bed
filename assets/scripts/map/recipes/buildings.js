/** Buildings: blocks as high as they are, coloured by their cell's class or by their own figures. */

import { ink, look, mix, theme } from '../colors.js';
import { FLAT, material, wallGradient } from '../lighting.js';
import { memo } from '../memo.js';
import { fill } from '../text.js';
import { tiled } from '../vector_tiles.js';
import { areaMeaning } from './areas.js';

/** How much of its cell's colour a building takes. */
const SHARES = { light: 0.36, dark: 0.34, wall: 0.44 };
/** From this height on a building is a tower. */
const TOWER_M = 45;

/** @type {Recipe} */
export const BuildingTiles = {
  draw(props, scene) {
    const painter = paint(props, scene);
    const triggers = [theme(), props.extruded, painter.key, scene.spec.picked.building];
    return [tiled(props, (id, kinds, _, opacity) => blocks(id, kinds.buildings || [], props, scene, painter, opacity), triggers)];
  },

  /** Buildings open only where no area is left to open: a click goes one level deeper until then. Tiles seen from afar hold no keys. */
  means(row, scene) {
    const labels = row.p.split('.');
    const opens = scene.spec.area.leaf && row.key !== undefined && labels.includes(scene.spec.area.label);
    if (opens) return { hover: null, tip: () => tipOf(row, scene), pick: { kind: 'building', key: row.key } };
    return areaMeaning(labels.reverse().find((/** @type {string} */ label) => scene.areas.has(label)), scene);
  },
};

/**
 * @param {any} row
 * @param {any} scene
 * @returns {Tip}
 */
function tipOf(row, scene) {
  const { words, tips } = scene.spec;
  const size = [row.floors ? fill(words.floors, { n: row.floors }) : '', row.h ? fill(words.height, { n: row.h }) : ''];
  const label = row.p.split('.').reverse().find((/** @type {string} */ part) => tips.of[part]);
  return {
    key: 'building ' + row.key,
    title: words.uses?.[row.use] || words.building,
    sub: label ? tips.of[label][0] : '',
    lines: [size.filter(Boolean).join(' · '), row.res ? fill(words.residents, { n: row.res }) : ''],
  };
}

/**
 * @typedef {object} Painter
 * @property {(d: any) => boolean} within Whether a building stands in the picked area.
 * @property {(d: any) => Ink} color
 * @property {string} key Two painters of the same key paint alike.
 */

/**
 * Colour of a building from its cell's class or its own figures; the paths of a tile are few, so answers are kept by path.
 *
 * @param {any} props
 * @param {any} scene
 * @returns {Painter}
 */
function paint(props, scene) {
  const { colour, classes, inks, breaks, inside } = props;
  const [plain, context] = [ink('map-building'), ink('map-context')];
  const units = scene.unitInks;
  const share = SHARES[look()];
  // On a wall towers stay pale, so that the skyline is seen where cases are few.
  const tower = look() === 'wall' ? ink('map-tower') : null;
  /** @type {Map<string, {within: boolean, own: Ink, cell: Ink}>} */
  const byPath = new Map();

  /** @param {string} path */
  function lookUp(path) {
    const labels = path.split('.');
    const within = inside.label === null || labels.includes(inside.label) || (inside.zone && labels.some((label) => label in classes));
    const label = labels.reverse().find((label) => label in classes);
    const index = label === undefined ? undefined : classes[label];
    const own = index === undefined ? plain : index < 0 ? ink('nodata') : units[index] || plain;
    return { within, own, cell: mix(plain, own, share) };
  }

  /** @param {any} d @returns {Ink} */
  function ofCell(d) {
    const { cell, own } = of(d.p);
    if (!tower) return cell;
    const high = Math.min(1, Math.max(0, ((d.h || 0) - TOWER_M) / 150));
    return high ? mix(mix(plain, tower, high * 0.8), own, share * (1 - 0.45 * high)) : cell;
  }

  /** @param {string} path */
  function of(path) {
    const known = byPath.get(path) ?? lookUp(path);
    byPath.set(path, known);
    return known;
  }

  /** @param {any} d */
  function own(d) {
    if (colour.by === 'use') return inks[colour.of[d.use] ?? inks.length - 1];
    const value = d[colour.by];
    return value === undefined || value === null ? ink('nodata') : inks[classOf(value, breaks)];
  }

  return {
    within: (d) => of(d.p).within,
    color(d) {
      if (d.key === scene.spec.picked.building) return ink('accent');
      if (!of(d.p).within) return context;
      return colour.by === 'grid' ? ofCell(d) : mix(plain, own(d), 0.78);
    },
    key: JSON.stringify([colour, classes, inside, units]),
  };
}

/**
 * The class of a value: a value on a break belongs to the class above it.
 *
 * @param {number} value
 * @param {number[]} breaks
 */
export const classOf = (value, breaks) => breaks.filter((edge) => value >= edge).length;

/**
 * @param {string} id
 * @param {any[]} data
 * @param {any} props
 * @param {any} scene
 * @param {Painter} painter
 * @param {number} opacity
 */
function blocks(id, data, props, scene, painter, opacity) {
  const split = memo(data, JSON.stringify(props.inside) + (props.inside.zone ? painter.key : ''), () => ({
    inside: data.filter(painter.within),
    context: data.filter((d) => !painter.within(d)),
  }));
  /** @type {(d: any) => number} */
  const height = (d) => d.h * props.elevationScale;
  /** @type {(part: 'inside' | 'context') => unknown} */
  const block = (part) =>
    split[part].length > 0 &&
    new deck.SolidPolygonLayer({
      id: `${id}-${part}`,
      data: split[part],
      getPolygon: (/** @type {any} */ d) => d.shape,
      extruded: props.extruded,
      getElevation: height,
      getFillColor: painter.color,
      opacity,
      pickable: true,
      autoHighlight: true,
      highlightColor: [...ink('accent').slice(0, 3), 110],
      material: material(part),
      extensions: props.extruded ? [wallGradient(part)] : [],
      updateTriggers: { getFillColor: [painter.key, theme(), scene.spec.picked.building] },
      ...(props.extruded ? {} : FLAT),
    });
  const withRoofs = props.extruded && scene.zoom >= props.roofsFromZoom && split.inside.length > 0;
  return [block('context'), block('inside'), withRoofs && roofs(id, split.inside, height, opacity)];
}

/**
 * @param {string} id
 * @param {any[]} data
 * @param {(d: any) => number} height
 * @param {number} opacity
 */
function roofs(id, data, height, opacity) {
  const dark = theme() === 'dark';
  return new deck.PathLayer({
    id: id + '-roof',
    data,
    getPath: (/** @type {any} */ d) => d.shape[0].map((/** @type {Point} */ [lon, lat]) => [lon, lat, height(d) + 0.3]),
    getWidth: dark ? 0.8 : 0.7,
    widthUnits: 'pixels',
    getColor: ink('map-roof-line', dark ? 75 : 62),
    opacity,
    shadowEnabled: false,
  });
}
