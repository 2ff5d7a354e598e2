import { deflateSync } from 'node:zlib';

/** The mark: a rounded square with three lines of text, on a grid of 24 by 24. */
const SQUARE_RADIUS = 6;
const STROKE = 2.2;
const LINES = [
  { y: 7.5, from: 6, to: 18 },
  { y: 12, from: 6, to: 14 },
  { y: 16.5, from: 6, to: 10.5 },
];
const INK = [0x0f, 0x76, 0x6e] as const;

/** The icon for whatever draws vectors. */
export function iconSvg(): string {
  const colour = `#${INK.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  const lines = LINES.map(({ y, from, to }) => `M${from} ${y}h${to - from}`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
  <rect width="24" height="24" rx="${SQUARE_RADIUS}" fill="${colour}" />
  <path d="${lines}" stroke="#fff" stroke-width="${STROKE}" stroke-linecap="round" />
</svg>
`;
}

/** The icon as an address that holds all of it. */
export function iconAddress(): string {
  return `data:image/svg+xml;base64,${Buffer.from(iconSvg()).toString('base64')}`;
}

/** The icon as PNG. A maskable one fills its square to the edge and keeps the mark in the middle, where no mask cuts. */
export function iconPng(size_px: number, maskable = false): Buffer {
  const scale = maskable ? 0.8 : 1;
  const rows = Buffer.alloc(size_px * (1 + 4 * size_px));
  let at = 0;
  for (let row = 0; row < size_px; row += 1) {
    // Each row begins with its filter: none.
    at += 1;
    for (let column = 0; column < size_px; column += 1) {
      const x = ((column + 0.5) / size_px - 0.5) * (24 / scale) + 12;
      const y = ((row + 0.5) / size_px - 0.5) * (24 / scale) + 12;
      const pixel = 24 / scale / size_px;
      const white = Math.max(...LINES.map((line) => covered(onLine(x, y, line), pixel)));
      for (const part of INK) rows[at++] = Math.round(part + (255 - part) * white);
      rows[at++] = maskable ? 255 : Math.round(255 * covered(inSquare(x, y), pixel));
    }
  }
  return png(size_px, rows);
}

/** How far a point is outside the rounded square; negative inside. */
function inSquare(x: number, y: number): number {
  const dx = Math.abs(x - 12) - (12 - SQUARE_RADIUS);
  const dy = Math.abs(y - 12) - (12 - SQUARE_RADIUS);
  return (
    Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - SQUARE_RADIUS
  );
}

/** How far a point is outside a line with round ends; negative inside. */
function onLine(x: number, y: number, line: (typeof LINES)[number]): number {
  const nearest = Math.min(Math.max(x, line.from), line.to);
  return Math.hypot(x - nearest, y - line.y) - STROKE / 2;
}

/** The part of a pixel that is covered, by how far its middle is outside. */
function covered(outside: number, pixel: number): number {
  return Math.min(Math.max(0.5 - outside / pixel, 0), 1);
}

function png(size_px: number, rows: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size_px, 0);
  head.writeUInt32BE(size_px, 4);
  // Eight bits a part, red, green, blue and alpha.
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

function crc32(bytes: Buffer): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return (rest ^ 0xffffffff) >>> 0;
}
