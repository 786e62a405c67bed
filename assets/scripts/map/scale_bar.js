// The scale bar. Zoom buttons and compass are the page's; they call zoom(step) and north().
(function (gw) {
  'use strict';

  const LENGTHS_M = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];
  const WIDEST_PX = 96;
  const EQUATOR_M = 40075016.686;

  gw.ScaleBar = class {
    constructor(root) {
      this.node = gw.node('div', 'map-scale');
      this.text = gw.node('span');
      this.node.append(this.text, gw.node('i'));
      root.append(this.node);
    }

    follow(camera) {
      const perPixel = (EQUATOR_M * Math.cos((camera.latitude * Math.PI) / 180)) / (512 * Math.pow(2, camera.zoom));
      const length = LENGTHS_M.filter((metres) => metres / perPixel <= WIDEST_PX).pop() || LENGTHS_M[0];
      this.node.style.width = `${length / perPixel}px`;
      this.text.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
    }
  };
})(window.gridwell);
