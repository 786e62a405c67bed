/** A wall inside the page on which somebody writes its scenes. */

/**
 * The page around this one shows what somebody writes: it sends the scene each time that it changes, and hears when this page listens.
 *
 * @param {(scene: WallScene) => void} show
 * @param {AbortSignal} signal
 */
export function hearDrafts(show, signal) {
  const hear = (/** @type {MessageEvent} */ { origin, source, data }) => {
    if (origin === location.origin && source === parent && data?.scene) show(data.scene);
  };
  addEventListener('message', hear, { signal });
  parent.postMessage({ wall: 'ready' }, location.origin);
}
