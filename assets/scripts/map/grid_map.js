/** The map: owns the canvas and the camera. The page only says what to show. */

import { screenFacts, setProps } from '../dom.js';
import { noteFailure } from '../failures.js';
import { onStop, part } from '../lifecycle.js';
import { clearTrouble, reportTrouble } from '../page/notices.js';
import { arrived, fit, flying, freeBox, makeView, padding, plainCamera, tilted } from './camera.js';
import { theme, watchTheme } from './colors.js';
import { DeckCanvas } from './deck_canvas.js';
import { clamp } from './geometry.js';
import { pendingAnswers } from './json_cache.js';
import { loadLibrary, supportsWebgl } from './library.js';
import { sun } from './lighting.js';
import { meaningOf, NOTHING } from './picking.js';
import { takePicture } from './picture.js';
import { Pointer } from './pointer.js';
import { LeftOutNote } from './left_out.js';
import { metresPerPixel, ScaleBar } from './scale_bar.js';
import { Scene } from './scene.js';
import { Tooltip } from './tooltip.js';
import { useWorker } from './vector_tiles.js';
import { isBeforeCamera, nearestTurn, toScreen } from './world.js';

const SETTLE_MS = 140;
const TELL_CAMERA_MS = 400;
const STEP_MS = 250;
const START = { longitude: 0, latitude: 0, zoom: 2, pitch: 0, bearing: 0 };
const FROM_ABOVE = { pitch: 0, bearing: 0 };
const TROUBLE = 'map';

/**
 * Where the map stands on the page, and what was made for it. Made once for each element, and left whole when the element goes.
 *
 * @typedef {object} Stage
 * @property {HTMLElement} root
 * @property {ScaleBar} scaleBar
 * @property {LeftOutNote} leftOut
 * @property {Tooltip} tip
 */

export class GridMap {
  constructor() {
    this.pointer = new Pointer(this);
    this.surface = new DeckCanvas({
      moved: (viewState) => this.moved(viewState),
      turned: (moving) => this.turned(moving),
      hovered: (info) => this.pointer.hovered(info),
      clicked: (info) => this.pointer.clicked(info),
      left: () => this.pointer.left(),
      drawn: () => this.stir(),
      points: () => this.pointer.points,
      lost: () => this.restore(),
      failed: (error) => this.fail(error),
    });
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {any} */
    this.camera = null;
    /** @type {string | null} */
    this.cameraKey = null;
    /** @type {Stage | null} */
    this.stage = null;
    /** @type {Spec | null} */
    this.wanted = null;
    /** @type {Promise<void> | null} */
    this.loading = null;
    this.size = { width: 1, height: 1 };
    /**
     * The canvas shows one of several parts of a picture, side by side; the first is 0. Null: all of it.
     *
     * @type {{index: number, count: number} | null}
     */
    this.part = null;
    /** @type {Padding} */
    this.padding = { left: 0, right: 0, top: 0, bottom: 0, small: false };
    /** @type {any} */
    this.view = null;
    this.placedAt = '';
    this.moving = false;
    this.stirs = 0;
    this.rested = false;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.settling = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.telling = undefined;
    this.running = part((signal) => this.begin(signal));
    /**
     * Whom the map tells what was clicked (`pick`), where the camera stands (`camera`) and that it cannot draw (`webgl`): Dash, unless a
     * page without it says otherwise.
     *
     * @type {(name: string, data: any) => void}
     */
    this.tell = (name, data) => setProps(name, { data });
  }

  // ---- Asked by the page ----

  /**
   * Show what a specification says.
   *
   * @param {Spec} spec
   * @returns {Promise<void>}
   */
  async show(spec) {
    this.wanted = spec;
    if (!supportsWebgl()) return this.tell('webgl', { ok: false, ...screenFacts() });
    if (this.stage && !this.stage.root.isConnected) this.stop();
    if (this.deck) return this.apply(spec);
    this.loading ??= this.load(spec.vendor.bundle).finally(() => (this.loading = null));
    await this.loading;
  }

  /** Try again after the library could not be loaded or the browser gave no context to draw in. */
  async retry() {
    clearTrouble(TROUBLE);
    this.stop();
    if (this.wanted) await this.show(this.wanted);
  }

  /** Leave the page: everything that was made is taken away, and can be made again. */
  stop() {
    this.running.stop();
  }

  /** Objects on the screen by layer of the specification. Tiles kept for later are not among them. */
  drawn() {
    /** @type {Record<string, number>} */
    const counts = {};
    if (!this.deck || !this.scene) return counts;
    for (const layer of this.deck.layerManager.getLayers()) {
      if (layer.isComposite || !layer.props.visible || (layer.props.tile && !layer.props.tile.isVisible)) continue;
      const root = this.scene.layerOf(layer.id)?.id ?? layer.id;
      counts[root] = (counts[root] || 0) + (Array.isArray(layer.props.data) ? layer.props.data.length : layer.getNumInstances());
    }
    return counts;
  }

  /** Whether what is on the screen is what was asked for: nothing is on its way, waits to be placed or drawn, or moves. */
  get idle() {
    if (!this.deck || !this.scene || this.loading || this.surface.restoring || this.moving || this.settling || pendingAnswers()) {
      return false;
    }
    const layers = this.deck.layerManager;
    return Boolean(layers) && this.rested && !layers.needsUpdate() &&
      layers.getLayers().every((/** @type {any} */ layer) => layer.isLoaded);
  }

  /**
   * A place in pixels of the page.
   *
   * @param {number} lon
   * @param {number} lat
   */
  project(lon, lat) {
    const [x, y] = toScreen(this.viewport(), { lon, lat });
    const box = this.root.getBoundingClientRect();
    return [x + box.left + this.left, y + box.top];
  }

  /**
   * What a click at a place of the map would tell the page.
   *
   * @param {number} x
   * @param {number} y
   * @returns {MapPick}
   */
  pickAt(x, y) {
    return this.scene ? meaningOf(this.deck.pickObject({ x, y }), this.scene).pick : NOTHING.pick;
  }

  /** What deck.gl draws with, while the map is on the page. */
  get deck() {
    return this.surface.deck;
  }

  get root() {
    if (!this.stage) throw new Error('the map has not begun');
    return this.stage.root;
  }

  /** The free part of the map as it is drawn now; null while there is none. */
  picture() {
    const { canvas } = this.surface;
    return this.deck && canvas && this.scene ? takePicture(this.deck, canvas, this.freeBox(), this.size) : null;
  }

  /** How the picture lies: bearing and pitch in degrees, and metres for one of its pixels at the middle of the map. */
  scale() {
    const { bearing = 0, pitch = 0, latitude = 0, zoom = 0 } = this.camera ?? {};
    const pixels = (this.surface.canvas?.width ?? this.size.width) / this.size.width;
    return { bearing, pitch, metres: metresPerPixel(latitude, zoom) / pixels };
  }

  /** Put the map as it is drawn now into the page, where only paper shows it. */
  print() {
    const made = this.picture();
    if (!made) return;
    document.querySelector('.map-picture')?.remove();
    made.className = 'map-picture';
    made.setAttribute('role', 'img');
    this.root.append(made);
  }

  // ---- Making ----

  /**
   * Load deck.gl and begin; whatever goes wrong is told on the page, which works without the map.
   *
   * @param {string} address
   */
  async load(address) {
    try {
      await loadLibrary(address);
      this.running.start();
      clearTrouble(TROUBLE);
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param {unknown} error */
  fail(error) {
    noteFailure(error);
    this.stop();
    reportTrouble(TROUBLE, 'undrawn');
  }

  /** @param {AbortSignal} signal */
  begin(signal) {
    const root = document.getElementById('map');
    if (!root || !this.wanted) throw new Error('there is no place for the map');
    root.classList.add('map-root');
    useWorker(this.wanted.vendor.worker);
    this.stage = { root, scaleBar: new ScaleBar(root), leftOut: new LeftOutNote(root), tip: new Tooltip(root) };
    onStop(signal, () => this.end());
    this.make();
    watchTheme(() => this.themeChanged(), signal);
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(root);
    onStop(signal, () => observer.disconnect());
    addEventListener('beforeprint', () => this.print(), { signal });
    addEventListener('afterprint', () => document.querySelector('.map-picture')?.remove(), { signal });
    this.apply(this.wanted);
  }

  end() {
    for (const timer of [this.settling, this.telling]) clearTimeout(timer ?? undefined);
    this.settling = null;
    this.moving = false;
    this.surface.remove();
    this.stage?.scaleBar.remove();
    this.stage?.leftOut.remove();
    this.stage?.tip.remove();
    this.stage =
      this.scene =
      this.camera =
      this.cameraKey =
        null;
    this.placedAt = '';
  }

  make() {
    this.measure();
    this.surface.make(this.root, this.view, this.camera ? plainCamera(this.camera) : START);
  }

  /** After the context was lost everything is made again, from what is known. */
  restore() {
    this.moving = false;
    this.make();
    this.applyEffects();
    this.render();
  }

  // ---- Showing ----

  /** @param {Spec} spec */
  apply(spec) {
    const before = this.scene;
    this.scene = new Scene(spec, () => this.arrived());
    this.root.setAttribute('aria-label', spec.words.map);
    this.aim(spec, before);
    if (before?.spec.area.code === spec.area.code) this.scene.placed = before.placed;
    this.stage?.tip.hide();
    this.applyEffects();
    this.arrived();
  }

  /**
   * The camera moves when another key is asked for, or when 2D and 3D are switched; never because data changed.
   *
   * @param {Spec} spec
   * @param {Scene | null} before
   */
  aim(spec, before) {
    const { key, exact } = spec.camera;
    const flat = spec.dim === '2d';
    if (key !== this.cameraKey) {
      const to = exact || fit(this.view, spec.camera, this.size, this.padding);
      this.moved(this.cameraKey === null ? arrived(to) : flying(to));
    } else if (before && before.flat !== flat) {
      this.moved(tilted(plainCamera(this.camera), flat ? FROM_ABOVE : spec.camera.tilt));
    }
    this.cameraKey = key;
  }

  /**
   * deck.gl tells when a flight begins and when it is over: a slow machine may be longer in drawing one frame than any pause lasts.
   *
   * @param {boolean} moving
   */
  turned(moving) {
    if (this.moving === moving) return;
    this.moving = moving;
    this.settle();
  }

  themeChanged() {
    if (!this.scene || !this.deck) return;
    this.scene.readSpec();
    this.applyEffects();
    this.render();
  }

  applyEffects() {
    if (!this.scene || !this.deck) return;
    const { spec, flat } = this.scene;
    this.deck.setProps({ effects: flat ? [] : [sun(spec.shadows[theme()])] });
  }

  arrived() {
    this.scene?.gather();
    this.placedAt = '';
    this.settle();
    this.render();
  }

  /** Names and pins are placed when the camera rests: while it moves they keep their places on the ground. */
  settle() {
    clearTimeout(this.settling ?? undefined);
    this.settling = setTimeout(() => {
      this.settling = null;
      if (!this.moving) this.placeNames();
    }, SETTLE_MS);
  }

  /** Place names and pins for where the camera stands now; a camera that turns slowly and never rests asks for it now and then. */
  placeNames() {
    if (!this.scene || !this.stage) return;
    const at = JSON.stringify([plainCamera(this.camera), this.size]);
    if (at !== this.placedAt) {
      this.scene.look(this.camera, this.padding.small);
      this.scene.place(this.viewport(), this.freeBox(), coveredBoxes(this.root, this.left));
      this.stage.leftOut.tell(this.scene);
    }
    this.placedAt = at;
    this.render();
  }

  /** deck.gl draws the layers with its next frame. */
  render() {
    if (!this.deck || !this.scene) return;
    this.scene.look(this.camera, this.padding.small);
    this.deck.setProps({ layers: this.scene.draw() });
    this.stir();
  }

  /** Something was asked for or drawn. The map rests when deck.gl has had a frame since and found nothing left to draw. */
  stir() {
    const turn = (this.stirs += 1);
    this.rested = false;
    requestAnimationFrame(() => requestAnimationFrame(() => (this.rested = turn === this.stirs)));
  }

  /** The part of the map that no panel covers. */
  freeBox() {
    return freeBox(this.padding, this.size);
  }

  viewport() {
    return this.view.makeViewport({ ...this.size, viewState: this.camera });
  }

  // ---- Moving ----

  /** @param {any} viewState */
  moved(viewState) {
    if (!this.deck) return;
    this.camera = viewState;
    this.deck.setProps({ viewState: { m: viewState } });
    this.stir();
    this.stage?.scaleBar.follow(viewState);
    if (!this.scene) return;
    this.stage?.tip.hide();
    this.settle();
    if (this.scene.differsAt(viewState)) this.render();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { longitude, latitude, zoom, pitch, bearing } = this.camera;
      this.tell('camera', { lon: longitude, lat: latitude, zoom, pitch: pitch || 0, bearing: bearing || 0 });
    }, TELL_CAMERA_MS);
  }

  /** @param {number} step */
  zoom(step) {
    if (!this.camera || !this.wanted) return;
    const { minZoom, maxZoom } = this.wanted.camera.limits;
    const zoom = clamp(this.camera.zoom + step, minZoom, maxZoom);
    this.moved(flying({ ...plainCamera(this.camera), zoom }, STEP_MS));
  }

  /**
   * Move the camera so that a place stands in the middle of a part of the map; if it stands in that part already, nothing moves.
   *
   * @param {{lon: number, lat: number}} place
   * @param {Box} part In pixels of the map.
   */
  bringIntoSight(place, [left, top, right, bottom]) {
    if (!this.camera || !this.view) return;
    const viewport = this.viewport();
    const [x, y, z] = toScreen(viewport, place);
    if (isBeforeCamera(z) && x >= left && x <= right && y >= top && y <= bottom) return;
    const now = plainCamera(this.camera);
    const [cx, cy] = viewport.project([now.longitude, now.latitude, 0]);
    // What lies at the wanted pixel is as far from the camera's place as the wanted place is from the camera that is sought.
    const [lon, lat] = viewport.unproject([(left + right) / 2, (top + bottom) / 2]);
    const [atLon, atLat] = viewport.unproject([cx, cy]);
    const longitude = nearestTurn(place.lon, now.longitude) - (lon - atLon);
    this.moved(flying({ ...now, longitude: nearestTurn(longitude, 0), latitude: place.lat - (lat - atLat) }));
  }

  /**
   * Move the camera along the screen.
   *
   * @param {number} dx Pixels to the right.
   * @param {number} dy Pixels down.
   */
  pan(dx, dy) {
    if (!this.camera || !this.view) return;
    const viewport = this.viewport();
    const now = plainCamera(this.camera);
    const [x, y] = viewport.project([now.longitude, now.latitude, 0]);
    const [longitude, latitude] = viewport.unproject([x + dx, y + dy]);
    this.moved(flying({ ...now, longitude: nearestTurn(longitude, 0), latitude }, STEP_MS));
  }

  north() {
    if (this.camera) this.moved(flying({ ...plainCamera(this.camera), bearing: 0 }, STEP_MS));
  }

  measure() {
    if (!this.wanted) return;
    const { clientWidth, clientHeight } = this.root;
    this.size = { width: Math.max(1, clientWidth * (this.part?.count ?? 1)), height: Math.max(1, clientHeight) };
    this.padding = padding(this.root, this.size);
    const frame = this.part && { x: this.left, width: this.size.width };
    this.view = makeView(this.padding, this.wanted.camera.limits, frame);
  }

  /** Where the left edge of the whole picture lies, in pixels from that of the canvas; 0 before there is one. */
  get left() {
    return this.part && this.stage ? -this.part.index * this.stage.root.clientWidth : 0;
  }

  resized() {
    // On paper the map is a picture, and its own element has no size.
    if (!this.deck || matchMedia('print').matches) return;
    this.measure();
    this.deck.setProps({ views: this.view });
    this.placedAt = '';
    this.settle();
  }
}

/**
 * Where the page's buttons, or the band of hazards on a wall, stand over the map, in pixels of the whole picture.
 *
 * @param {HTMLElement} root
 * @param {number} from Where the left edge of the whole picture lies.
 * @returns {Box[]}
 */
function coveredBoxes(root, from) {
  const frame = root.getBoundingClientRect();
  const [left, top] = [frame.left + from, frame.top];
  const boxes = [...document.querySelectorAll('.map-buttons .panel, .wall-hazard')].map((one) => one.getBoundingClientRect());
  return boxes.filter((box) => box.width).map((box) => [box.left - left, box.top - top, box.right - left, box.bottom - top]);
}

/** The one map of the page. */
export const map = new GridMap();
