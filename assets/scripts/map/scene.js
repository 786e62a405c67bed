// What recipes see while drawing: the specification, fetched answers, what is placed and what is pointed at.
(function (gw) {
  'use strict';

  const NEAR_ZOOM = 13.9;

  // What is picked belongs to the scene whose layer is on the screen, though another may be asked for already.
  const scenes = new WeakMap();
  gw.sceneOf = (info, otherwise) => (info && scenes.get(info.layer)) || otherwise;

  gw.Scene = class {
    constructor(spec, arrived) {
      this.spec = spec;
      this.flat = spec.dim === '2d';
      this.json = (address) => gw.json(address, arrived);
      this.hover = null;
      this.zoom = 0;
      this.near = false;
      this.pin = 26;
      this.placed = { labels: new Map(), pins: { kind: 'points', shown: [] }, facilities: [] };
      this.areas = new Map();
      this.take();
    }

    // Colours by the present theme.
    take() {
      this.layers = this.spec.layers.map(gw.convert);
      // The class of every area is sent once, whichever layers colour by it.
      for (const layer of this.layers) if (layer.classes === true) layer.classes = this.spec.classes;
      const grid = this.layers.find((layer) => layer.id === 'grid');
      this.unitInks = grid ? grid.inks : [];
      this.ids = this.layers.map((layer) => layer.id).sort((a, b) => b.length - a.length);
    }

    look(camera, small) {
      this.zoom = camera.zoom;
      this.near = camera.zoom >= NEAR_ZOOM;
      // Names and pins grow with the panels on large screens; the page says how much.
      gw.scale = small ? 1 : parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--scale')) || 1;
      this.pin = small ? 22 : 26 * gw.scale;
      this.small = small;
    }

    // Whether other layers are drawn at another camera: not while it only flies.
    differsAt({ zoom }) {
      return [NEAR_ZOOM, gw.FACILITIES_FROM_ZOOM].some((step) => zoom >= step !== this.zoom >= step);
    }

    rootOf(id) {
      return this.ids.find((root) => id === root || id.startsWith(root + '-')) || id;
    }

    labelOf(code) {
      return Object.keys(this.spec.tips.of).find((label) => gw.codeOf(label) === code);
    }

    layer(type) {
      return this.layers.find((layer) => layer['@@type'] === type);
    }

    asOf() {
      const pins = this.layer('IncidentPins');
      const cases = pins && this.json(pins.data);
      return (cases && cases.as_of) || this.spec.words.as_of_time;
    }

    // All areas whose shapes are here, by path label: the coloured ones win over neighbours.
    gather() {
      const areas = new Map();
      for (const layer of this.layers) {
        if (!/^Area(Lines|Fill)$/.test(layer['@@type']) || layer.id === 'line-self') continue;
        const shapes = this.json(layer.data);
        const beside = layer.id === 'line-neighbours';
        for (const area of shapes ? shapes.areas : []) {
          const label = gw.lastLabel(area.path);
          if (!areas.has(label)) areas.set(label, beside ? { ...area, drill: area.code } : area);
        }
      }
      this.areas = areas;
    }

    // Names and pins for the present camera.
    place(viewport, free, small, covered) {
      const view = { viewport, free, small, covered, flat: this.flat, pin: this.pin };
      const pinLayer = this.layer('IncidentPins');
      const cases = pinLayer && this.json(pinLayer.data);
      const singles = cases && cases.kind === 'points' && this.zoom >= gw.PINS_FROM_ZOOM;
      const rows = singles ? cases.rows : [];
      const named = this.layers.filter((layer) => layer['@@type'] === 'AreaLabels');
      const all = named.flatMap((props) => gw.labelsOf(props, this).map((label) => ({ ...label, layer: props.id })));
      const circles = cases && !singles ? gw.cluster(cases.rows, this.zoom - Math.log2(gw.scale)) : [];
      const { placed, taken } = gw.placeLabels(all, rows, circles, view);
      this.placed.labels = new Map(named.map((props) => [props.id, placed.filter((label) => label.layer === props.id)]));
      if (singles) this.placed.pins = { kind: 'points', shown: gw.placePins(rows, taken, view).reverse() };
      else this.placed.pins = { kind: 'clusters', shown: circles };
      const spots = this.layer('FacilityPins');
      const found = spots && this.json(spots.data);
      this.placed.facilities = found ? gw.placeFacilities(found.rows, view, spots.size) : [];
    }

    // deck.gl layers in drawing order; the area pointed at is outlined after the coloured areas' borders.
    draw() {
      const drawn = [];
      for (const props of this.layers) {
        const recipe = gw.recipes[props['@@type']];
        if (!recipe) throw new Error('no recipe for ' + props['@@type']);
        const { '@@type': _, ...own } = props;
        drawn.push(...recipe(own, this));
        if (props.id === 'line-units') drawn.push(...gw.hoverLines(this));
      }
      drawn.forEach((layer) => layer && scenes.set(layer, this));
      return drawn;
    }
  };
})(window.gridwell);
