import { svg } from './element.ts';

/** What of a style a drawing elsewhere needs; each is an attribute of SVG too. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
] as const;
/** Air around a chart that stands alone. */
const MARGIN_PX = 16;
/** Pixels of a PNG for each of the page's, so that it is sharp on paper too. */
const SCALE = 2;

/** A chart as a file of its own: its colours and fonts are written into it, and nothing in it points elsewhere. */
export function svgTextOf(chart: SVGSVGElement): string {
  return new XMLSerializer().serializeToString(standalone(chart));
}

/** The same as pixels. */
export async function pngOf(chart: SVGSVGElement): Promise<Blob> {
  const copy = standalone(chart);
  const width = Number(copy.getAttribute('width'));
  const height = Number(copy.getAttribute('height'));
  const image = new Image();
  // A data address, because the page's policy lets images come from nowhere else.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('the browser could not make a PNG of this chart'));
    }, 'image/png');
  });
}

function standalone(chart: SVGSVGElement): SVGSVGElement {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  inline(chart, copy);
  const width = Number(chart.getAttribute('width'));
  const height = Number(chart.getAttribute('height'));
  const label = chart.getAttribute('aria-label') ?? '';
  for (const name of [...copy.getAttributeNames()]) copy.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('role', 'img');
  // The end of the label tells of keys, which a picture has not.
  copy.setAttribute('aria-label', label.replace(/\. Arrow keys move.*$/, ''));
  const wide = Math.ceil(width + 2 * MARGIN_PX);
  const high = Math.ceil(height + 2 * MARGIN_PX);
  copy.setAttribute('width', String(wide));
  copy.setAttribute('height', String(high));
  copy.setAttribute('viewBox', `${-MARGIN_PX} ${-MARGIN_PX} ${wide} ${high}`);
  for (const passing of copy.querySelectorAll('.cursor, .chosen')) passing.remove();
  for (const part of copy.querySelectorAll('[class]')) part.removeAttribute('class');
  const ground = svg('rect', {
    x: -MARGIN_PX,
    y: -MARGIN_PX,
    width: wide,
    height: high,
    fill: surfaceOf(chart),
  });
  copy.prepend(ground);
  return copy;
}

/** The colour behind a chart: that of the nearest element that has one. */
function surfaceOf(chart: Element): string {
  for (let element: Element | null = chart; element; element = element.parentElement) {
    const { backgroundColor } = getComputedStyle(element);
    if (backgroundColor !== '' && !/^rgba\(.*, 0\)$|^transparent$/.test(backgroundColor)) {
      return backgroundColor;
    }
  }
  return '#fff';
}

function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value !== '') to.setAttribute(name, value);
  }
  [...from.children].forEach((child, index) => {
    const copy = to.children[index];
    if (copy) inline(child, copy);
  });
}
