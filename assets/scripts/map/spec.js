// pydeck's JSON to properties. Only the functions named here exist: nothing in a specification is ever evaluated.
(function (gw) {
  'use strict';

  const functions = {
    ink: ({ token, alpha }) => gw.ink(token, alpha),
    field: ({ name }) => (row) => row[name],
    inkOf: ({ name, inks }) => (row) => inks[row[name]],
  };

  gw.convert = function convert(value) {
    if (Array.isArray(value)) return value.map(convert);
    if (value === null || typeof value !== 'object') return value;
    const plain = {};
    for (const key in value) plain[key] = key === 'data' ? value[key] : convert(value[key]);
    const name = plain['@@function'];
    if (name === undefined) return plain;
    if (!functions[name]) throw new Error('unknown function ' + name);
    return functions[name](plain);
  };
})(window.gridwell);
