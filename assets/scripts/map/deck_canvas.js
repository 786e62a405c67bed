/** deck.gl on a canvas of its own. The graphics driver may take the context away at any time: then both are made again. */

import { element } from '../dom.js';
import { noteFailure } from '../failures.js';

const RESTORE_MS = 800;

/**
 * What the map hears of the canvas.
 *
 * @typedef {object} CanvasEvents
 * @property {(viewState: any) => void} moved The camera was moved by hand, or flies.
 * @property {(moving: boolean) => void} turned A flight begins or is over.
 * @property {(info: any) => void} hovered
 * @property {(info: any) => void} clicked
 * @property {() => void} left The pointer left the canvas.
 * @property {() => void} drawn A frame was drawn.
 * @property {() => boolean} points Whether a click would do something where the pointer is.
 * @property {() => void} lost The context is lost, and its removal is over: make everything again.
 * @property {(error: unknown) => void} failed deck.gl could not begin.
 */

export class DeckCanvas {
  /** @param {CanvasEvents} events */
  constructor(events) {
    this.events = events;
    /** @type {any} */
    this.deck = null;
    /** @type {HTMLCanvasElement | null} */
    this.canvas = null;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.restoring = null;
  }

  /**
   * Put a canvas into the page, and begin to draw in it.
   *
   * @param {HTMLElement} root
   * @param {any} views
   * @param {any} camera
   */
  make(root, views, camera) {
    const canvas = element('canvas', 'map-canvas');
    root.prepend(canvas);
    this.canvas = canvas;
    let isReady = false;
    const { events } = this;
    this.deck = new deck.Deck({
      canvas,
      width: '100%',
      height: '100%',
      useDevicePixels: Math.min(devicePixelRatio, 2),
      views,
      viewState: { m: camera },
      pickingRadius: 3,
      // Where picking takes seconds, the release is noticed that much later: it is still a click.
      eventRecognizerOptions: { click: { time: Infinity } },
      getCursor: (/** @type {any} */ { isDragging }) => (isDragging ? 'grabbing' : events.points() ? 'pointer' : 'grab'),
      onLoad: () => (isReady = true),
      onViewStateChange: (/** @type {any} */ { viewState }) => events.moved(viewState),
      onInteractionStateChange: (/** @type {any} */ { inTransition }) => events.turned(Boolean(inTransition)),
      onHover: (/** @type {any} */ info) => events.hovered(info),
      onClick: (/** @type {any} */ info) => events.clicked(info),
      onAfterRender: () => events.drawn(),
      onError: (/** @type {unknown} */ error) => (isReady ? noteTrouble(error) : events.failed(error)),
    });
    canvas.addEventListener('webglcontextlost', (event) => this.restoreLater(event));
    canvas.addEventListener('mouseleave', () => events.left());
  }

  /** Take the canvas out of the page. */
  remove() {
    clearTimeout(this.restoring ?? undefined);
    this.restoring = null;
    const old = this.deck;
    this.deck = null;
    this.canvas?.remove();
    this.canvas = null;
    try {
      old?.finalize();
    } catch (error) {
      // A deck.gl without its context cannot free what it had there.
      noteFailure(error);
    }
  }

  /** @param {Event} event */
  restoreLater(event) {
    event.preventDefault();
    if (this.restoring || event.target !== this.canvas) return;
    this.restoring = setTimeout(() => {
      this.remove();
      this.events.lost();
    }, RESTORE_MS);
  }
}

/** @param {unknown} error */
function noteTrouble(error) {
  noteFailure(error);
  // deno-lint-ignore no-console -- of deck.gl's own errors nothing else is left for whoever looks for the cause
  console.error(error);
}
