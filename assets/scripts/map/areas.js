// Areas: coloured, hatched where there is no value, bordered; and plain deck.gl layers whose rows come with the specification.
(function (gw) {
  'use strict';

  const recipes = gw.recipes;

  const parts = (shapes) =>
    gw.memo(shapes, 'parts', () =>
      shapes.areas.flatMap((area) => area.polygons.map((shape) => ({ shape, area, label: gw.lastLabel(area.path) })))
    );

  recipes.AreaFill = function (props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const shade = (ink) => [...ink.slice(0, 3), props.alpha];
    const inks = props.inks.map(shade);
    const missing = shade(props.noData);
    const color = function ({ label }) {
      const index = props.classes[label];
      return index === undefined || index < 0 ? missing : inks[index];
    };
    return [
      new deck.SolidPolygonLayer({
        id: props.id,
        data: parts(shapes),
        getPolygon: (d) => d.shape,
        getFillColor: color,
        pickable: true,
        updateTriggers: { getFillColor: [props.classes, inks] },
        ...gw.OVER,
      }),
    ];
  };

  recipes.AreaHatch = function (props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const key = `hatch ${props.pitchM} ${JSON.stringify(props.classes)}`;
    const lines = gw.memo(shapes, key, () =>
      parts(shapes).filter(({ label }) => props.classes[label] === -1).flatMap(({ shape }) => gw.hatch(shape, props.pitchM))
    );
    const [width, widthUnits] = props.width.meters ? [props.width.meters, 'meters'] : [props.width.pixels, 'pixels'];
    return lines.length
      ? [new deck.PathLayer({ id: props.id, data: lines, getPath: (d) => d, getWidth: width, widthUnits, getColor: props.getColor, ...gw.OVER })]
      : [];
  };

  const border = (id, data, width, color) =>
    new deck.PathLayer({
      id,
      data,
      getPath: (d) => d,
      getWidth: width,
      widthUnits: 'pixels',
      getColor: color,
      jointRounded: true,
      capRounded: true,
      ...gw.OVER,
    });

  // Borders that somebody drew are lines; those made from points are dashes, a twelfth of the area's breadth apart.
  const DASHES = 12;

  function edges(area) {
    if (area.origin !== 'approximate') return gw.rings(area);
    return gw.rings(area).flatMap(function (ring) {
      const lats = ring.map((p) => p[1]);
      const lons = ring.map((p) => p[0]);
      const corner = (pick) => [pick(...lons), pick(...lats)];
      return gw.dashes(ring, gw.distance(corner(Math.min), corner(Math.max)) / DASHES);
    });
  }

  recipes.AreaLines = function (props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const skip = props.skip || [];
    const paths = gw.memo(shapes, 'rings ' + skip.join(), () => shapes.areas.filter((area) => !skip.includes(area.code)).flatMap(edges));
    const drawn = [border(props.id, paths, props.getWidth, props.getColor)];
    if (props.halo) drawn.unshift(border(props.id + '-halo', paths, props.haloWidth, props.halo));
    return drawn;
  };

  // The area under the pointer, drawn below the buildings in 3D and above the borders in 2D.
  gw.hoverLines = function (scene) {
    const area = scene.hover && scene.areas.get(scene.hover);
    if (!area) return [];
    const rings = gw.rings(area);
    return [border('hover-halo', rings, 7, gw.ink('map-halo', 230)), border('hover', rings, 3.25, gw.ink('accent'))];
  };

  const plain = (type, flat) => (props) => [
    new deck[type]({ ...(flat ? gw.OVER : { material: gw.materials[gw.theme()].inside }), ...props }),
  ];
  recipes.SolidPolygonLayer = plain('SolidPolygonLayer', true);
  recipes.PathLayer = plain('PathLayer', true);
  recipes.ScatterplotLayer = plain('ScatterplotLayer', true);
  recipes.ColumnLayer = plain('ColumnLayer', false);
})(window.gridwell);
