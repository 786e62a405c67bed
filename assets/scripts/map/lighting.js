/** Sun, shadow and the vertical shading of walls. The classes extend deck.gl's and are made once it is loaded. */

import { look, theme } from './colors.js';

/** On the ground surfaces lie in one plane: they are painted in order, without depth, or they would flicker. */
export const FLAT = { parameters: { depthCompare: 'always', depthWriteEnabled: false }, shadowEnabled: false };
/** Texts are made of two layers, each of which must be told that letters throw no shadow. */
const LETTERS = { shadowEnabled: false };
export const TEXT = { ...FLAT, _subLayerProps: { characters: LETTERS, background: LETTERS } };
/** Ids of layers that stand in front of everything begin with this: no shadow falls on labels and pins. */
const IN_FRONT = 'fg';

const SHADES = {
  light: { context: { base: 0.91, top: 0.99, roof: 1.03 }, inside: { base: 0.85, top: 1.0, roof: 1.03 } },
  wall: { context: { base: 0.9, top: 0.7, roof: 0.86 }, inside: { base: 1.18, top: 0.82, roof: 1.16 } },
  dark: { context: { base: 0.66, top: 1.02, roof: 1.08 }, inside: { base: 0.62, top: 1.12, roof: 1.22 } },
};

/**
 * @param {number} ambient
 * @param {number} diffuse
 */
const matt = (ambient, diffuse) => ({ ambient, diffuse, shininess: 4, specularColor: [0, 0, 0] });
const MATERIALS = {
  light: { context: matt(0.86, 0.2), inside: matt(0.8, 0.27) },
  wall: { context: matt(0.86, 0.3), inside: matt(0.92, 0.42) },
  dark: { context: matt(0.74, 0.34), inside: matt(0.74, 0.34) },
};

/**
 * How a surface answers light: inside the picked area or around it.
 *
 * @param {'inside' | 'context'} part
 */
export const material = (part) => MATERIALS[look()][part];

/** @type {{Gradient: any, Sun: any, gradients: Map<string, any>} | null} */
let known = null;

function classes() {
  known ??= { Gradient: gradientClass(), Sun: sunClass(), gradients: new Map() };
  return known;
}

/**
 * Darker at the foot of a wall, lighter at its top: the largest gain in depth, and free. Walls catch no shadow, because a texel of the
 * shadow map covers some metres and they would throw stripes on themselves. Ground and roofs do.
 */
function gradientClass() {
  class Gradient extends deck.LayerExtension {
    /** @param {any} extension */
    getShaders(extension) {
      const { base, top, roof } = extension.opts;
      return {
        inject: {
          'vs:#main-end': `
#ifdef IS_SIDE_VERTEX
  vColor.rgb *= mix(${base.toFixed(2)}, ${top.toFixed(2)}, positions.y);
#else
  vColor.rgb *= ${roof.toFixed(2)};
#endif
#if defined(MODULE_SHADOW) && defined(IS_SIDE_VERTEX)
  if (shadow.useShadowMap) shadow_vPosition[0].z = 0.0;
#endif
`,
        },
      };
    }
  }
  /** @type {any} */ (Gradient).extensionName = 'WallGradient';
  return Gradient;
}

function sunClass() {
  return class Sun extends deck.LightingEffect {
    /**
     * What is picked does not depend on light: the last frame's shadow maps serve.
     *
     * @param {any} options
     */
    preRender(options) {
      if (!options.isPicking) super.preRender(options);
    }

    /**
     * @param {any} layer
     * @param {any} others
     */
    getShaderModuleProps(layer, others) {
      const props = super.getShaderModuleProps(layer, others);
      if (layer.id.startsWith(IN_FRONT)) props.shadow = { shadowEnabled: false, dummyShadowMap: this.dummyShadowMap };
      return props;
    }
  };
}

/**
 * The shading of walls in the present theme.
 *
 * @param {'inside' | 'context'} part
 */
export function wallGradient(part) {
  const { Gradient, gradients } = classes();
  const shade = SHADES[look()][part];
  const key = JSON.stringify(shade);
  if (!gradients.has(key)) gradients.set(key, new Gradient(shade));
  return gradients.get(key);
}

/**
 * The sun, from the south-west, so that the walls towards the camera are lit.
 *
 * @param {number[]} shadowColor Shares of one, not of 255.
 */
export function sun(shadowColor) {
  const light = new deck.DirectionalLight({
    color: theme() === 'dark' ? [200, 220, 255] : [255, 250, 242],
    intensity: 1,
    direction: [1.6, 0.9, -2.1],
    _shadow: true,
  });
  const effect = new (classes().Sun)({ ambient: new deck.AmbientLight({ color: [255, 255, 255], intensity: 1 }), sun: light });
  effect.shadowColor = shadowColor;
  // Shaders that know shadows ask for the maps while picking too; without them nothing in 3D can be picked.
  effect.useInPicking = true;
  return effect;
}
