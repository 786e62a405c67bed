/** The pointer on the map: tooltips, highlights and clicks. */

import { flying, plainCamera } from './camera.js';
import { meaningOf, NOTHING } from './picking.js';
import { sceneOf } from './scene.js';

/** How much closer a click on several things comes, and how close at most. */
const CLOSER = { step: 1.5, most: 18 };
let clicks = 0;

export class Pointer {
  /** @param {import('./grid_map.js').GridMap} map */
  constructor(map) {
    this.map = map;
    /** Whether a click would do something where the pointer is. */
    this.points = false;
  }

  /** @param {any} info */
  hovered(info) {
    const { map } = this;
    if (!map.scene || map.moving) return;
    const meaning = meaningOf(info, sceneOf(info, map.scene));
    this.points = meaning !== NOTHING;
    map.stage?.tip.show(meaning.tip(), info.x, info.y, map.freeBox());
    this.highlight(meaning.hover);
  }

  left() {
    this.map.stage?.tip.hide();
    this.points = false;
    this.highlight(null);
  }

  /** @param {string | null} label */
  highlight(label) {
    const { scene } = this.map;
    if (!scene || scene.hover === label) return;
    scene.hover = label;
    this.map.render();
  }

  /** @param {any} info */
  clicked(info) {
    const { map } = this;
    if (!map.scene) return;
    const { closer, pick } = meaningOf(info, sceneOf(info, map.scene));
    if (closer && map.camera.zoom < closer.untilZoom) {
      const zoom = Math.min(CLOSER.most, map.camera.zoom + CLOSER.step);
      return map.moved(flying({ ...plainCamera(map.camera), longitude: closer.lon, latitude: closer.lat, zoom }));
    }
    const [lon, lat] = info.coordinate || [null, null];
    map.tell('pick', { ...pick, lon, lat, n: ++clicks });
  }
}
