/** Questions that a full or absent server has not answered yet. They are asked again by themselves; the page says so quietly meanwhile. */

/** @typedef {{notice: string, since: number}} Waiting Which notice of the map page fits, and since when (milliseconds of the device's clock). */

/** @type {Map<object, Waiting>} */
const questions = new Map();
/** @type {Set<(now: Waiting | null) => void>} */
const listeners = new Set();

/** What is waited for longest, or null. @returns {Waiting | null} */
export const waiting = () => questions.values().next().value ?? null;

/** @param {(now: Waiting | null) => void} listener Hears of every change. */
export const onWaiting = (listener) => void listeners.add(listener);

const tell = () => listeners.forEach((listener) => listener(waiting()));

/** A question was refused, and will be asked again. @param {object} question @param {string} notice */
export function waitFor(question, notice) {
  questions.set(question, { notice, since: questions.get(question)?.since ?? Date.now() });
  tell();
}

/** A question was answered, or is not wanted any more. @param {object} question */
export function endWait(question) {
  if (questions.delete(question)) tell();
}
