// window.gridwell.map: show(spec), drawn(), idle. Owns the canvas and the camera; the page only says what to show.
(function (gw) {
  'use strict';

  const SETTLE_MS = 140;
  const TELL_CAMERA_MS = 400;
  const RESTORE_MS = 800;
  let clicks = 0;

  class GridMap {
    constructor() {
      this.deck = null;
      this.scene = null;
      this.camera = null;
      this.cameraKey = null;
      this.placedAt = '';
      this.moving = false;
      this.stirs = 0;
      this.rested = false;
      this.render = this.render.bind(this);
      gw.onTheme(() => this.scene && (this.scene.take(), this.effects(), this.render()));
      this.stir = this.stir.bind(this);
    }

    // ---- Asked by the page ----

    show(spec) {
      this.wanted = spec;
      if (!gl()) return this.without();
      if (this.loading) return this.loading;
      if (this.deck) return Promise.resolve(this.apply(spec));
      this.loading = bundle(spec.vendor.bundle)
        .then(() => this.start(this.wanted))
        .catch((error) => {
          gw.failed = String(error);
          throw error;
        })
        .finally(() => (this.loading = null));
      return this.loading;
    }

    // Objects on the screen by layer of the specification. Tiles kept for later are not among them.
    drawn() {
      const counts = {};
      if (!this.deck || !this.scene) return counts;
      for (const layer of this.deck.layerManager.getLayers()) {
        if (layer.isComposite || !layer.props.visible || (layer.props.tile && !layer.props.tile.isVisible)) continue;
        const root = this.scene.rootOf(layer.id);
        counts[root] = (counts[root] || 0) + (Array.isArray(layer.props.data) ? layer.props.data.length : layer.getNumInstances());
      }
      return counts;
    }

    // Whether what is on the screen is what was asked for: nothing is on its way, waits to be placed or drawn, or moves.
    get idle() {
      if (!this.deck || !this.scene || this.loading || this.restoring || this.moving || this.settling || gw.pending()) return false;
      const layers = this.deck.layerManager;
      return Boolean(layers) && this.rested && !layers.needsUpdate() && layers.getLayers().every((layer) => layer.isLoaded);
    }

    project(lon, lat) {
      const [x, y] = this.viewport().project([lon, lat, 0]);
      const box = this.root.getBoundingClientRect();
      return [x + box.left, y + box.top];
    }

    // ---- Making ----

    start(spec) {
      this.root = document.getElementById('map');
      this.root.classList.add('map-root');
      gw.workerUrl = spec.vendor.worker;
      gw.makeLight(window.deck);
      gw.makeTiles(window.deck);
      this.scaleBar = new gw.ScaleBar(this.root);
      this.tip = new gw.Tooltip(this.root);
      this.make();
      new ResizeObserver(() => this.resized()).observe(this.root);
      this.apply(spec);
    }

    make() {
      const canvas = gw.node('canvas', 'map-canvas');
      this.root.prepend(canvas);
      this.size = { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
      this.padding = gw.padding(this.root);
      this.view = gw.makeView(window.deck, this.padding);
      this.deck = new window.deck.Deck({
        canvas,
        width: '100%',
        height: '100%',
        useDevicePixels: Math.min(devicePixelRatio, 2),
        views: this.view,
        viewState: { m: this.camera ? plain(this.camera) : { longitude: 0, latitude: 0, zoom: 2, pitch: 0, bearing: 0 } },
        pickingRadius: 3,
        // Where picking takes seconds, the release is noticed that much later: it is still a click.
        eventRecognizerOptions: { click: { time: Infinity } },
        getCursor: ({ isDragging }) => (isDragging ? 'grabbing' : this.pointing ? 'pointer' : 'grab'),
        onViewStateChange: ({ viewState }) => this.moved(viewState),
        onInteractionStateChange: ({ inTransition }) => this.turned(Boolean(inTransition)),
        onHover: (info) => this.hovered(info),
        onClick: (info) => this.clicked(info),
        onAfterRender: this.stir,
        onError: (error) => {
          gw.failed = String(error);
          console.error(error);
        },
      });
      canvas.addEventListener('webglcontextlost', (event) => this.lost(event));
      canvas.addEventListener('mouseleave', () => this.leave());
    }

    // The graphics driver may take its context away at any time: everything is made again, from what is known.
    lost(event) {
      event.preventDefault();
      if (this.restoring) return;
      this.restoring = setTimeout(() => {
        this.restoring = null;
        const old = this.deck;
        this.deck = null;
        this.moving = false;
        old.canvas.remove();
        try {
          old.finalize();
        } finally {
          this.make();
          this.effects();
          this.render();
        }
      }, RESTORE_MS);
    }

    without() {
      gw.tell('webgl', { ok: false });
      return Promise.resolve();
    }

    // ---- Showing ----

    apply(spec) {
      const before = this.scene;
      this.scene = new gw.Scene(spec, () => this.arrived());
      this.root.setAttribute('aria-label', spec.words.map);
      this.aim(spec, before);
      if (before) this.scene.placed = before.spec.area.code === spec.area.code ? before.placed : this.scene.placed;
      this.tip.hide();
      this.effects();
      this.arrived();
    }

    // The camera moves when another key is asked for, or when 2D and 3D are switched; never because data changed.
    aim(spec, before) {
      const { key, exact } = spec.camera;
      const turned = before && before.flat !== this.scene.flat;
      if (key !== this.cameraKey) {
        const to = exact || gw.fit(this.view, spec.camera, this.size, this.padding);
        this.fly(this.cameraKey === null ? { ...to, transitionDuration: 0 } : gw.flying(window.deck, to));
      } else if (turned) {
        this.fly(gw.tilted(window.deck, plain(this.camera), this.scene.flat));
      }
      this.cameraKey = key;
    }

    fly(to) {
      this.moved(to);
    }

    // deck.gl tells when a flight begins and when it is over: a slow machine may be longer in drawing one frame than any pause lasts.
    turned(moving) {
      if (this.moving === moving) return;
      this.moving = moving;
      this.settle();
    }

    effects() {
      const { spec, flat } = this.scene;
      const theme = gw.theme();
      this.deck.setProps({ effects: flat ? [] : [gw.sun(theme, spec.shadows[theme])] });
    }

    arrived() {
      this.scene.gather();
      this.placedAt = '';
      this.settle();
      this.render();
    }

    // Names and pins are placed when the camera rests: while it moves they keep their places on the ground.
    settle() {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => {
        this.settling = null;
        if (this.moving || !this.scene) return;
        const at = JSON.stringify([plain(this.camera), this.size]);
        const free = gw.freeBox(this.padding, this.size.width, this.size.height);
        if (at !== this.placedAt) this.scene.place(this.viewport(), free, this.padding.small, covered(this.root));
        this.placedAt = at;
        this.render();
      }, SETTLE_MS);
    }

    // deck.gl draws the layers with its next frame.
    render() {
      if (!this.deck || !this.scene) return;
      this.scene.look(this.camera, this.padding.small);
      this.deck.setProps({ layers: this.scene.draw() });
      this.stir();
    }

    // Something was asked for or drawn. The map rests when deck.gl has had a frame since and found nothing left to draw.
    stir() {
      const turn = (this.stirs += 1);
      this.rested = false;
      requestAnimationFrame(() => requestAnimationFrame(() => (this.rested = turn === this.stirs)));
    }

    viewport() {
      return this.view.makeViewport({ ...this.size, viewState: this.camera });
    }

    // ---- Moving ----

    moved(viewState) {
      this.camera = viewState;
      this.deck.setProps({ viewState: { m: viewState } });
      this.stir();
      this.scaleBar.follow(viewState);
      if (!this.scene) return;
      this.tip.hide();
      this.settle();
      if (this.scene.differsAt(viewState)) this.render();
      clearTimeout(this.telling);
      this.telling = setTimeout(() => {
        const { longitude, latitude, zoom, pitch, bearing } = this.camera;
        gw.tell('camera', { lon: longitude, lat: latitude, zoom, pitch: pitch || 0, bearing: bearing || 0 });
      }, TELL_CAMERA_MS);
    }

    zoom(step) {
      if (!this.camera) return;
      const zoom = gw.clamp(this.camera.zoom + step, gw.LIMITS.minZoom, gw.LIMITS.maxZoom);
      this.fly(gw.flying(window.deck, { ...plain(this.camera), zoom }, 250));
    }

    north() {
      if (!this.camera) return;
      this.fly(gw.flying(window.deck, { ...plain(this.camera), bearing: 0 }, 250));
    }

    resized() {
      this.size = { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
      this.padding = gw.padding(this.root);
      this.view = gw.makeView(window.deck, this.padding);
      this.deck.setProps({ views: this.view });
      this.placedAt = '';
      this.settle();
    }

    // ---- Pointing ----

    hovered(info) {
      if (!this.scene || this.moving) return;
      const scene = gw.sceneOf(info, this.scene);
      const meaning = gw.meaning(info, scene);
      const label = gw.hoverLabel(meaning, scene) || null;
      this.pointing = meaning.kind !== 'empty';
      this.tip.show(gw.tipOf(meaning, scene), info.x, info.y, gw.freeBox(this.padding, this.size.width, this.size.height));
      if (label !== this.scene.hover) {
        this.scene.hover = label;
        this.render();
      }
    }

    leave() {
      this.tip.hide();
      this.pointing = false;
      if (this.scene && this.scene.hover) {
        this.scene.hover = null;
        this.render();
      }
    }

    clicked(info) {
      const scene = gw.sceneOf(info, this.scene);
      const meaning = gw.meaning(info, scene);
      const several = meaning.kind === 'cluster' || (meaning.kind === 'incident' && meaning.row.more > 0 && this.camera.zoom < 17.5);
      if (several) {
        const { lon, lat } = meaning.row;
        const to = { ...plain(this.camera), longitude: lon, latitude: lat, zoom: Math.min(18, this.camera.zoom + 1.5) };
        return this.fly(gw.flying(window.deck, to));
      }
      const [lon, lat] = info.coordinate || [null, null];
      gw.tell('pick', { ...gw.pickOf(meaning, scene), lon, lat, n: ++clicks });
    }
  }

  // Where the page's buttons stand over the map, in its pixels.
  function covered(root) {
    const { left, top } = root.getBoundingClientRect();
    const boxes = [...document.querySelectorAll('.map-buttons .panel')].map((one) => one.getBoundingClientRect());
    return boxes.filter((box) => box.width).map((box) => [box.left - left, box.top - top, box.right - left, box.bottom - top]);
  }

  const plain = ({ longitude, latitude, zoom, pitch, bearing }) => ({ longitude, latitude, zoom, pitch, bearing });

  function gl() {
    if (gl.known === undefined) {
      const probe = document.createElement('canvas').getContext('webgl2');
      gl.known = Boolean(probe);
      const loses = probe && probe.getExtension('WEBGL_lose_context');
      if (loses) loses.loseContext();
    }
    return gl.known;
  }

  // deck.gl, once.
  function bundle(address) {
    if (window.deck && window.deck.Deck) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = gw.node('script');
      script.src = address;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error('cannot load ' + address));
      document.head.append(script);
    });
  }

  gw.map = new GridMap();
})(window.gridwell);
