/** What recipes see while drawing: the specification, fetched answers, what is placed and what is pointed at. */

import { screenScale } from '../dom.js';
import { cluster } from './clusters.js';
import { fetchJson } from './json_cache.js';
import { placeLabels } from './names.js';
import { apart, besideNames, placeFacilities, placePins } from './placement.js';
import { labelsOf } from './recipes/labels.js';
import { recipeOf } from './recipes/index.js';
import { convert } from './spec.js';
import { codeOf, lastLabel } from './text.js';

const PIN_PX = { small: 22, usual: 26 };

/**
 * The same cases, the picked one first, so that it is never folded into another one.
 *
 * @param {CaseRow[]} rows
 * @param {string | null} key
 */
function pickedFirst(rows, key) {
  const picked = key === null ? undefined : rows.find((row) => row.key === key);
  return picked ? [picked, ...rows.filter((row) => row !== picked)] : rows;
}

/**
 * What is picked belongs to the scene whose layer is on the screen, though another may be asked for already.
 *
 * @type {WeakMap<object, Scene>}
 */
const scenes = new WeakMap();

/**
 * The scene that drew what was picked.
 *
 * @param {{layer?: object | null} | null} info
 * @param {Scene} otherwise
 */
export const sceneOf = (info, otherwise) => (info?.layer && scenes.get(info.layer)) || otherwise;

export class Scene {
  /**
   * @param {Spec} spec
   * @param {() => void} arrived Called when something that was fetched is here.
   */
  constructor(spec, arrived) {
    this.spec = spec;
    this.flat = spec.dim === '2d';
    /** What lies at an address; a layer may also bring it along. @type {(data: any) => any} */
    this.json = (data) => (typeof data === 'string' ? fetchJson(data, arrived) : data);
    /** @type {string | null} */
    this.hover = null;
    this.zoom = 0;
    this.small = false;
    /** How much larger names and pins are drawn on a large screen. */
    this.scale = 1;
    this.pin = PIN_PX.usual;
    /** @type {{labels: Map<string, Label[]>, pins: {kind: 'points' | 'clusters', shown: any[]}, facilities: Facility[]}} */
    this.placed = { labels: new Map(), pins: { kind: 'points', shown: [] }, facilities: [] };
    /** @type {Map<string, Area>} */
    this.areas = new Map();
    /** @type {any[]} */
    this.layers = [];
    /** @type {any[]} */
    this.longestFirst = [];
    /** @type {Ink[]} */
    this.unitInks = [];
    this.readSpec();
  }

  /** Layers in the colours of the present theme. */
  readSpec() {
    this.layers = this.spec.layers.map(convert);
    // The class of every area is sent once, whichever layers colour by it.
    for (const layer of this.layers) if (layer.classes === true) layer.classes = this.spec.classes;
    this.unitInks = this.layer('AreaFill')?.inks ?? [];
    this.longestFirst = [...this.layers].sort((a, b) => b.id.length - a.id.length);
  }

  /**
   * Take note of where the camera stands.
   *
   * @param {Camera} camera
   * @param {boolean} small
   */
  look(camera, small) {
    this.zoom = camera.zoom;
    this.small = small;
    // Names and pins grow with the panels on large screens; the page says how much.
    this.scale = small ? 1 : screenScale();
    this.pin = small ? PIN_PX.small : PIN_PX.usual * this.scale;
  }

  /**
   * Whether other layers are drawn at another camera. While it only flies they are not.
   *
   * @param {Camera} camera
   */
  differsAt({ zoom }) {
    const steps = this.layers.flatMap((layer) => [layer.fromZoom, layer.roofsFromZoom]).filter(Number.isFinite);
    return steps.some((step) => zoom >= step !== this.zoom >= step);
  }

  /**
   * The layer of the specification that a layer of deck.gl belongs to.
   *
   * @param {string} id
   */
  layerOf(id) {
    return this.longestFirst.find((layer) => id === layer.id || id.startsWith(layer.id + '-'));
  }

  /**
   * The path label of a coloured area.
   *
   * @param {string} code
   */
  labelOf(code) {
    return Object.keys(this.spec.tips.of).find((label) => codeOf(label) === code);
  }

  /**
   * The first layer of a type.
   *
   * @param {string} type
   */
  layer(type) {
    return this.layers.find((layer) => layer['@@type'] === type);
  }

  /** The moment for which the cases stand. */
  asOf() {
    const pins = this.layer('IncidentPins');
    return (pins && this.json(pins.data)?.as_of) || this.spec.words.as_of_time;
  }

  /** All areas whose shapes are here, by path label: the coloured ones win over neighbours, and a neighbour opens itself. */
  gather() {
    this.areas = new Map();
    for (const layer of this.layers) {
      if (!/^Area(Lines|Fill)$/.test(layer['@@type']) || layer.opens === 'nothing') continue;
      for (const area of this.json(layer.data)?.areas ?? []) {
        const label = lastLabel(area.path);
        if (!this.areas.has(label)) this.areas.set(label, layer.opens === 'itself' ? { ...area, drill: area.code } : area);
      }
    }
  }

  /**
   * Place names and pins for the present camera.
   *
   * @param {Viewport} viewport
   * @param {Box} free
   * @param {Box[]} covered
   */
  place(viewport, free, covered) {
    const pinLayer = this.layer('IncidentPins');
    const room = pinLayer?.room ?? 0;
    /** @type {PlacingView} */
    const view = { viewport, free, small: this.small, covered, flat: this.flat, pin: this.pin, scale: this.scale, room };
    const cases = pinLayer && this.json(pinLayer.data);
    const singles = cases?.kind === 'points' && this.zoom >= pinLayer.fromZoom;
    const rows = singles ? pickedFirst(cases.rows, this.spec.picked.incident) : [];
    const circles = cases && !singles ? apart(cluster(cases.rows, this.zoom - Math.log2(this.scale)), view) : [];
    const taken = this.placeNames(rows, circles, view);
    this.placed.pins = singles
      ? { kind: 'points', shown: placePins(rows, taken, view).reverse() }
      : { kind: 'clusters', shown: besideNames(circles, taken, view) };
    const spots = this.layer('FacilityPins');
    this.placed.facilities = spots ? placeFacilities(this.json(spots.data)?.rows ?? [], viewport, spots.size) : [];
  }

  /**
   * Place names; the answer is what they take.
   *
   * @param {CaseRow[]} rows
   * @param {Circle[]} circles
   * @param {PlacingView} view
   */
  placeNames(rows, circles, view) {
    const named = this.layers.filter((layer) => layer['@@type'] === 'AreaLabels');
    const all = named.flatMap((props) => labelsOf(props, this).map((label) => ({ ...label, layer: props.id })));
    const { placed, taken } = placeLabels(all, rows, circles, view);
    this.placed.labels = new Map(named.map((props) => [props.id, placed.filter((label) => label.layer === props.id)]));
    return taken;
  }

  /** deck.gl's layers in drawing order. */
  draw() {
    const drawn = this.layers.flatMap(({ '@@type': type, ...props }) => recipeOf(type).draw(props, this));
    drawn.forEach((layer) => layer && scenes.set(layer, this));
    return drawn;
  }
}
