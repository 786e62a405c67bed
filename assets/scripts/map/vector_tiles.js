// Vector tiles: fetched, read in a worker of this site, sorted into kinds, and drawn as several layers for each tile.
(function (gw) {
  'use strict';

  gw.recipes = gw.recipes || {};
  const recipes = gw.recipes;

  gw.makeTiles = function (deck) {
    class VectorTiles extends deck.TileLayer {
      getTileData(tile) {
        const address = this.props.data.replace('{z}', tile.index.z).replace('{x}', tile.index.x).replace('{y}', tile.index.y);
        const loadOptions = {
          worker: true,
          core: { mimeType: 'application/x-protobuf', worker: true },
          mvt: { shape: 'geojson', coordinates: 'wgs84', tileIndex: tile.index, workerUrl: gw.workerUrl },
        };
        const loaders = deck.MVTLayer.defaultProps.loaders;
        const ask = () => this.props.fetch(address, { propName: 'data', layer: this, loaders, loadOptions, signal: tile.signal });
        return asked(ask, address, tile.signal, 0).then(sorted);
      }
    }
    VectorTiles.layerName = 'VectorTiles';
    gw.VectorTiles = VectorTiles;
  };

  // deck.gl never asks again for a tile that failed: after a server's bad minute the map would keep its holes.
  async function asked(ask, address, signal, times) {
    try {
      const features = await ask();
      gw.patience.calm(address);
      return features;
    } catch (error) {
      if (!signal.aborted) {
        gw.failed = String(error);
        gw.patience.trouble(address, await gw.patience.nameOf(error.response));
        await gw.patience.rest(gw.patience.pause(times, error.response), signal);
      }
    }
    // Given up because the map moved on: no longer missing.
    if (signal.aborted) {
      gw.patience.calm(address);
      return null;
    }
    return asked(ask, address, signal, times + 1);
  }

  // Features of a tile by kind; surfaces and lines of several parts become one row for each part.
  function sorted(features) {
    const kinds = {};
    for (const { geometry, properties } of features || []) {
      const kind = properties.kind || properties.layerName;
      for (const shape of parts(geometry)) (kinds[kind] = kinds[kind] || []).push({ ...properties, shape });
    }
    for (const roads of [kinds.road]) if (roads) roads.sort((a, b) => b.rank - a.rank);
    return kinds;
  }

  function parts({ type, coordinates }) {
    return type.startsWith('Multi') ? coordinates : [coordinates];
  }

  function tiled(props, render, triggers, more) {
    return new gw.VectorTiles({
      id: props.id,
      data: props.data,
      minZoom: props.minZoom,
      maxZoom: props.maxZoom,
      maxCacheSize: 90,
      maxRequests: 8,
      refinementStrategy: 'best-available',
      pickable: Boolean(props.pickable),
      opacity: props.opacity === undefined ? 1 : props.opacity,
      onTileError: (error) => {
        // A tile that is given up because the map moved on is no error.
        if (!error || error.name !== 'AbortError') gw.failed = String(error);
      },
      renderSubLayers: ({ id, tile, data, opacity }) => (data ? render(id, data, tile, opacity) : null),
      updateTriggers: { renderSubLayers: triggers },
      ...more,
    });
  }

  function surface(id, data, color) {
    if (!data) return null;
    return new deck.SolidPolygonLayer({ id, data, getPolygon: (d) => d.shape, getFillColor: color, ...gw.OVER });
  }

  recipes.GroundTiles = (props) => [
    tiled(
      props,
      (id, kinds) => [surface(id + '-field', kinds.field, props.inks.field), surface(id + '-green', kinds.green, props.inks.green)],
      [gw.theme()]
    ),
  ];

  recipes.FloodTiles = (props) => [
    tiled(props, (id, kinds) => surface(id + '-flood', kinds.flood, props.getFillColor), [props.getFillColor.join()]),
  ];

  const QUIET = [0, 190, 110, 60, 40];

  recipes.BaseTiles = function (props) {
    const { inks, quiet } = props;
    const color = (d) => (quiet ? [...inks.road.slice(0, 3), QUIET[Math.min(d.rank, 4)]] : d.rank <= 2 ? inks.road : inks.minor);
    return [
      tiled(
        props,
        (id, kinds, tile) => [
          surface(id + '-water', kinds.water, inks.water),
          kinds.road &&
            new deck.PathLayer({
              id: id + '-road',
              data: kinds.road,
              getPath: (d) => d.shape,
              getWidth: (d) => (d.width_m || 8) * (quiet ? 1 : 0.86),
              getColor: color,
              widthMinPixels: quiet ? 0.35 : 0.5,
              capRounded: true,
              jointRounded: true,
              ...gw.OVER,
            }),
          surface(id + '-track', kinds.track, inks.track),
          props.trees && kinds.tree && tile.index.z >= 14 && trees(id + '-tree', kinds.tree, inks.tree),
        ],
        [gw.theme(), quiet, props.trees]
      ),
    ];
  };

  function trees(id, data, color) {
    return new deck.ColumnLayer({
      id,
      data,
      getPosition: (d) => d.shape,
      diskResolution: 6,
      radius: 4.2,
      extruded: true,
      getElevation: (d) => 1.7 * (d.width_m || 6),
      getFillColor: color,
      material: gw.materials[gw.theme()].inside,
    });
  }

  // ---- Buildings ----

  recipes.BuildingTiles = function (props, scene) {
    const painter = paint(props, scene);
    const triggers = [gw.theme(), props.extruded, painter.key, scene.spec.picked.building];
    return [tiled(props, (id, kinds, tile, opacity) => blocks(id, kinds.buildings || [], props, scene, painter, opacity), triggers)];
  };

  // Colour of a building from its cell's class or its own figures; the paths of a tile are few, so answers are kept by path.
  function paint(props, scene) {
    const { colour, classes, inks, breaks, inside } = props;
    const theme = gw.theme();
    const [plain, context] = [gw.ink('map-building'), gw.ink('map-context')];
    const units = scene.unitInks;
    const byPath = new Map();

    const lookUp = function (path) {
      const labels = path.split('.');
      const within = inside.label === null || labels.includes(inside.label) || (inside.zone && labels.some((label) => label in classes));
      const label = labels.reverse().find((label) => label in classes);
      const index = label === undefined ? undefined : classes[label];
      const cell = index === undefined ? plain : gw.mix(plain, index < 0 ? gw.ink('nodata') : units[index] || plain, theme === 'dark' ? 0.34 : 0.36);
      return { within, cell };
    };
    const of = function (path) {
      if (!byPath.has(path)) byPath.set(path, lookUp(path));
      return byPath.get(path);
    };
    const own = function (d) {
      if (colour.by === 'use') return inks[colour.of[d.use] === undefined ? inks.length - 1 : colour.of[d.use]];
      const value = d[colour.by];
      return value === undefined || value === null ? gw.ink('nodata') : inks[breaks.filter((edge) => value >= edge).length];
    };
    const ink = function (d) {
      if (d.key === scene.spec.picked.building) return gw.ink('accent');
      if (!of(d.p).within) return context;
      return colour.by === 'grid' ? of(d.p).cell : gw.mix(plain, own(d), 0.78);
    };
    return { within: (d) => of(d.p).within, ink, key: JSON.stringify([colour, classes, inside, scene.unitInks]) };
  }

  function blocks(id, data, props, scene, painter, opacity) {
    const theme = gw.theme();
    const split = gw.memo(data, JSON.stringify(props.inside) + (props.inside.zone ? painter.key : ''), () => ({
      inside: data.filter(painter.within),
      context: data.filter((d) => !painter.within(d)),
    }));
    const height = (d) => d.h * props.elevationScale;
    const block = (part) =>
      split[part].length > 0 &&
      new deck.SolidPolygonLayer({
        id: `${id}-${part}`,
        data: split[part],
        getPolygon: (d) => d.shape,
        extruded: props.extruded,
        getElevation: height,
        getFillColor: painter.ink,
        opacity,
        pickable: true,
        autoHighlight: true,
        highlightColor: [...gw.ink('accent').slice(0, 3), 110],
        material: gw.materials[theme][part],
        extensions: props.extruded ? [gw.gradient(gw.shades[theme][part])] : [],
        updateTriggers: { getFillColor: [painter.key, theme, scene.spec.picked.building] },
        ...(props.extruded ? {} : gw.OVER),
      });
    return [block('context'), block('inside'), props.extruded && scene.near && split.inside.length > 0 && roofs(id, split.inside, height, opacity)];
  }

  function roofs(id, data, height, opacity) {
    const dark = gw.theme() === 'dark';
    return new deck.PathLayer({
      id: id + '-roof',
      data,
      getPath: (d) => d.shape[0].map(([lon, lat]) => [lon, lat, height(d) + 0.3]),
      getWidth: dark ? 0.8 : 0.7,
      widthUnits: 'pixels',
      getColor: gw.ink('map-roof-line', dark ? 75 : 62),
      opacity,
      shadowEnabled: false,
    });
  }
})(window.gridwell);
