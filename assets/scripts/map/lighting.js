// Sun, shadow and the vertical shading of walls. The classes extend deck.gl's and are made once it is loaded.
(function (gw) {
  'use strict';

  const OVER = { parameters: { depthCompare: 'always', depthWriteEnabled: false }, shadowEnabled: false };
  // On the ground surfaces lie in one plane: painted in order, without depth, or they would flicker.
  gw.OVER = OVER;
  // Texts are made of two layers, which must be told for themselves that letters throw no shadow.
  const LETTERS = { shadowEnabled: false };
  gw.TEXT = { ...OVER, _subLayerProps: { characters: LETTERS, background: LETTERS } };

  gw.shades = {
    light: { context: { base: 0.91, top: 0.99, roof: 1.03 }, inside: { base: 0.85, top: 1.0, roof: 1.03 } },
    dark: { context: { base: 0.66, top: 1.02, roof: 1.08 }, inside: { base: 0.62, top: 1.12, roof: 1.22 } },
  };
  const matt = (ambient, diffuse) => ({ ambient, diffuse, shininess: 4, specularColor: [0, 0, 0] });
  gw.materials = {
    light: { context: matt(0.86, 0.2), inside: matt(0.8, 0.27) },
    dark: { context: matt(0.74, 0.34), inside: matt(0.74, 0.34) },
  };

  gw.makeLight = function (deck) {
    // Walls catch no shadow: a texel of the shadow map covers some metres, and they would throw stripes on themselves. Ground and roofs do.
    // Darker at the foot of a wall, lighter at its top: the largest gain in depth, and free.
    class Gradient extends deck.LayerExtension {
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
    Gradient.extensionName = 'WallGradient';

    // Labels and pins stand in front of everything: no shadow falls on them.
    class Sun extends deck.LightingEffect {
      // What is picked does not depend on light: the last frame's shadow maps serve.
      preRender(options) {
        if (!options.isPicking) super.preRender(options);
      }

      getShaderModuleProps(layer, others) {
        const props = super.getShaderModuleProps(layer, others);
        if (layer.id.startsWith('fg')) props.shadow = { shadowEnabled: false, dummyShadowMap: this.dummyShadowMap };
        return props;
      }
    }

    const gradients = new Map();
    gw.gradient = function (shade) {
      const key = JSON.stringify(shade);
      if (!gradients.has(key)) gradients.set(key, new Gradient(shade));
      return gradients.get(key);
    };

    // From the south-west, so that the walls towards the camera are lit.
    gw.sun = function (theme, shadowColor) {
      const sun = new deck.DirectionalLight({
        color: theme === 'dark' ? [200, 220, 255] : [255, 250, 242],
        intensity: 1,
        direction: [1.6, 0.9, -2.1],
        _shadow: true,
      });
      const effect = new Sun({ ambient: new deck.AmbientLight({ color: [255, 255, 255], intensity: 1 }), sun });
      // Shares of one, not of 255.
      effect.shadowColor = shadowColor;
      // Shaders that know shadows ask for the maps while picking too; without them nothing in 3D can be picked.
      effect.useInPicking = true;
      return effect;
    };
  };
})(window.gridwell);
