/** Makes a part of a picture unrecognisable: few large blocks of one colour each. What they are made of is gone. Nothing here touches the page. */

/** So many blocks along the shorter side of a part, at most; and so many pixels has a block at least. */
const MOST_BLOCKS = 5;
const LEAST_PX = 8;

/** @typedef {{x: number, y: number, width: number, height: number}} Part */

/**
 * A part that lies inside a picture, in whole pixels; null where it holds none.
 *
 * @param {Part} part
 * @param {number} width
 * @param {number} height
 * @returns {Part | null}
 */
export function clip(part, width, height) {
  const x = Math.max(0, Math.floor(part.x));
  const y = Math.max(0, Math.floor(part.y));
  const right = Math.min(width, Math.ceil(part.x + part.width));
  const bottom = Math.min(height, Math.ceil(part.y + part.height));
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : null;
}

/** Side of the blocks of a part, pixels. @param {Part} part */
export const blockSide = ({ width, height }) => Math.max(LEAST_PX, Math.ceil(Math.min(width, height) / MOST_BLOCKS));

/**
 * Give every block of a part its mean colour, in place.
 *
 * @param {{data: Uint8ClampedArray, width: number, height: number}} picture RGBA, row by row.
 * @param {Part} part
 */
export function pixelate(picture, part) {
  const inside = clip(part, picture.width, picture.height);
  if (!inside) return;
  const side = blockSide(inside);
  for (let y = inside.y; y < inside.y + inside.height; y += side) {
    for (let x = inside.x; x < inside.x + inside.width; x += side) {
      const width = Math.min(side, inside.x + inside.width - x);
      const height = Math.min(side, inside.y + inside.height - y);
      paintMean(picture, { x, y, width, height });
    }
  }
}

/** @param {{data: Uint8ClampedArray, width: number}} picture @param {Part} block */
function paintMean({ data, width }, block) {
  const sums = [0, 0, 0, 0];
  const n = block.width * block.height;
  const each = (/** @type {(at: number) => void} */ act) => {
    for (let y = block.y; y < block.y + block.height; y += 1) {
      for (let x = block.x; x < block.x + block.width; x += 1) act(4 * (y * width + x));
    }
  };
  each((at) => sums.forEach((_, channel) => (sums[channel] += data[at + channel])));
  each((at) => sums.forEach((sum, channel) => (data[at + channel] = Math.round(sum / n))));
}
