/** One question at a time: while one is under way, only the newest of those that follow is kept. Nothing here touches the page. */

/**
 * @template Q, A
 * @param {(question: Q) => Promise<A>} ask
 * @param {(answer: A, question: Q) => void} show Called for the newest answers alone: what came meanwhile is shown, what was passed is not.
 */
export function latestWins(ask, show) {
  /** @type {{question: Q} | null} */
  let next = null;
  let running = false;
  return async (/** @type {Q} */ question) => {
    next = { question };
    if (running) return;
    running = true;
    try {
      while (next) {
        const { question: asked } = next;
        next = null;
        const answer = await ask(asked);
        // An answer that is older than what is wanted is still shown while dragging: the page moves on.
        show(answer, asked);
      }
    } finally {
      running = false;
    }
  };
}
