/** Text width and shortening, measured with the page's own font. */
const context = document.createElement('canvas').getContext('2d');

/** Widths remembered; a chart that is drawn again while it counts measures the same names every time. */
const WIDTHS_MAX = 5_000;
const widths = new Map<string, number>();
let family = '';
let font_px = 0;

/** The width of text at this size, in CSS pixels. */
export function textWidth(text: string, size_px: number): number {
  if (!context) return text.length * size_px * 0.6;
  const key = `${size_px} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  // Asking for the font makes the browser settle all styles, and setting it is slow: both only when needed.
  family ||= getComputedStyle(document.body).fontFamily;
  if (font_px !== size_px) context.font = `${size_px}px ${family}`;
  font_px = size_px;
  const { width } = context.measureText(text);
  if (widths.size >= WIDTHS_MAX) widths.clear();
  widths.set(key, width);
  return width;
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function fitted(text: string, size_px: number, width_max: number): string {
  if (textWidth(text, size_px) <= width_max) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(`${text.slice(0, middle)}…`, size_px) <= width_max) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low).trimEnd()}…`;
}
