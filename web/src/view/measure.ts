/** Text width and shortening, measured with the page's own font. */
const context = document.createElement('canvas').getContext('2d');

/** The width of text at this size, in CSS pixels. */
export function textWidth(text: string, size_px: number): number {
  if (!context) return text.length * size_px * 0.6;
  context.font = `${size_px}px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
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
