/** The map on a sheet of paper, drawn at print resolution: title, picture, legend, scale bar, north arrow, and where it comes from. */

import { element } from '../dom.js';

/** Width and height in millimetres, landscape. @type {Record<string, [number, number]>} */
export const PAPERS = { a4: [297, 210], a3: [420, 297] };
const DOTS_PER_MM = 300 / 25.4;
/** In millimetres. */
const MARGIN = 10;
const HEAD = 18;
const FOOT = 30;
const BAR_MM = 45;
const CLASS_MM = 17;
const LENGTHS_M = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

/**
 * @typedef {{
 *   title: string, measure: string, days: string, note: string,
 *   legend: {color: string, label: string, joined?: boolean}[], layers: string[],
 *   lines: string[], north: string, centre: string,
 *   bearing: number, pitch: number, metres: number,
 * }} SheetFacts `metres` for a pixel of the picture at its centre; `bearing` and `pitch` in degrees. Colours that are `joined` stand beside
 *   each other, with the break between it and the next as the label of each.
 */

/**
 * The longest round length that fits, and its share of the widest.
 *
 * @param {number} widest In metres.
 */
export function barOf(widest) {
  const length = LENGTHS_M.filter((metres) => metres <= widest).pop() ?? LENGTHS_M[0];
  return { length, share: length / widest, text: length >= 1000 ? `${length / 1000} km` : `${length} m` };
}

/**
 * The largest box of a picture's shape within a frame, in its middle.
 *
 * @param {{width: number, height: number}} picture
 * @param {[number, number, number, number]} frame Left, top, width, height.
 */
export function fitted(picture, [left, top, width, height]) {
  const scale = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  return { left: left + (width - w) / 2, top: top + (height - h) / 2, width: w, height: h, scale };
}

/**
 * A text of the sheet: the left end of its line, the top, the height of its letters and its width, all in millimetres from the left upper corner.
 *
 * @typedef {[text: string, x: number, y: number, size: number, width: number]} SheetText
 */

/** What was written on a sheet, so that a PDF can be searched. @type {WeakMap<CanvasRenderingContext2D, SheetText[]>} */
const written = new WeakMap();

/**
 * The sheet as a canvas, always on white, because it is for paper; and the texts on it.
 *
 * @param {HTMLCanvasElement} picture
 * @param {SheetFacts} facts
 * @param {string} paper
 * @param {string} font
 */
export function composeSheet(picture, facts, paper, font) {
  const [width, height] = PAPERS[paper];
  const made = element('canvas');
  [made.width, made.height] = [Math.round(width * DOTS_PER_MM), Math.round(height * DOTS_PER_MM)];
  const pen = /** @type {CanvasRenderingContext2D} */ (made.getContext('2d', { alpha: false }));
  /** @type {SheetText[]} */
  const texts = [];
  written.set(pen, texts);
  pen.scale(made.width / width, made.height / height); // from here on in millimetres
  pen.fillStyle = '#FFFFFF';
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = 'top';
  write(pen, facts.title, MARGIN, MARGIN, 6.5, 700, font, width - 2 * MARGIN);
  write(pen, [facts.measure, facts.days, facts.note].filter(Boolean).join(' · '), MARGIN, MARGIN + 9, 3.6, 400, font, width - 2 * MARGIN);
  const frame = fitted(picture, [MARGIN, MARGIN + HEAD, width - 2 * MARGIN, height - 2 * MARGIN - HEAD - FOOT]);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, frame.left, frame.top, frame.width, frame.height);
  pen.strokeStyle = '#8894A4';
  pen.lineWidth = 0.2;
  pen.strokeRect(frame.left, frame.top, frame.width, frame.height);
  const top = height - MARGIN - FOOT + 3;
  drawLegend(pen, facts, MARGIN, top, font, width - 2 * MARGIN - BAR_MM - 26);
  drawBar(pen, facts, facts.metres / frame.scale, width - MARGIN - BAR_MM, top, font);
  drawNorth(pen, facts, width - MARGIN - BAR_MM - 12, top + 6, font);
  facts.lines.forEach((line, i) =>
    write(pen, line, MARGIN, height - MARGIN - 4 * (facts.lines.length - i), 2.8, 400, font, width - 2 * MARGIN)
  );
  return { sheet: made, texts };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} size In millimetres.
 * @param {number} weight
 * @param {string} font
 * @param {number} [widest]
 */
function write(pen, text, x, y, size, weight, font, widest) {
  pen.fillStyle = '#14202E';
  pen.font = `${weight} ${size}px ${font}`;
  pen.fillText(text, x, y, widest);
  const width = Math.min(pen.measureText(text).width, widest ?? Infinity);
  if (text) written.get(pen)?.push([text, pen.textAlign === 'center' ? x - width / 2 : x, y, size, width]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {SheetFacts} facts
 * @param {number} left
 * @param {number} top
 * @param {string} font
 * @param {number} room
 */
function drawLegend(pen, facts, left, top, font, room) {
  let [x, y] = [left, top];
  const classes = facts.legend.filter(({ joined }) => joined);
  classes.forEach(({ color, label }, i) => {
    pen.fillStyle = color;
    pen.fillRect(x + i * CLASS_MM, y, CLASS_MM, 5);
    // The break stands under the edge between its two colours.
    pen.textAlign = 'center';
    write(pen, label, x + (i + 1) * CLASS_MM, y + 5.8, 3.4, 400, font);
    pen.textAlign = 'start';
  });
  if (classes.length) {
    pen.strokeRect(x, y, classes.length * CLASS_MM, 5);
    y += classes.length < facts.legend.length ? 11 : 5;
  }
  for (const { color, label } of facts.legend.filter(({ joined }) => !joined)) {
    pen.font = `400 3.4px ${font}`;
    const width = 11 + pen.measureText(label).width;
    if (x > left && x + width > left + room) [x, y] = [left, y + 6];
    pen.fillStyle = color;
    pen.fillRect(x, y, 9, 5);
    pen.strokeRect(x, y, 9, 5);
    write(pen, label, x + 11, y + 0.8, 3.4, 400, font);
    x += width + 4;
  }
  write(pen, facts.layers.join(' · '), left, y + (facts.legend.length ? 8 : 1), 3.2, 400, font, room);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {SheetFacts} facts
 * @param {number} perMm Metres for a millimetre of the sheet.
 * @param {number} left
 * @param {number} top
 * @param {string} font
 */
function drawBar(pen, facts, perMm, left, top, font) {
  const { share, text } = barOf(perMm * BAR_MM);
  const width = BAR_MM * share;
  pen.fillStyle = '#14202E';
  pen.fillRect(left, top + 5, width, 0.5);
  pen.fillRect(left, top + 3, 0.5, 2.5);
  pen.fillRect(left + width - 0.5, top + 3, 0.5, 2.5);
  write(pen, text, left, top + 7, 3.4, 700, font);
  // A tilted map has one scale only along the line through its middle.
  if (facts.pitch > 0) write(pen, facts.centre, left, top + 11.5, 2.8, 400, font, BAR_MM);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {SheetFacts} facts
 * @param {number} x
 * @param {number} y
 * @param {string} font
 */
function drawNorth(pen, facts, x, y, font) {
  pen.save();
  pen.translate(x, y);
  pen.rotate((-facts.bearing * Math.PI) / 180);
  pen.fillStyle = '#14202E';
  pen.beginPath();
  pen.moveTo(0, -6);
  pen.lineTo(3, 4);
  pen.lineTo(0, 2);
  pen.lineTo(-3, 4);
  pen.fill();
  pen.restore();
  pen.textAlign = 'center';
  write(pen, facts.north, x, y + 6.5, 3.4, 700, font);
  pen.textAlign = 'start';
}
