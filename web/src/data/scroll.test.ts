import { expect, it } from 'vitest';
import { HEIGHT_PX_MAX, rowsInView } from './scroll.ts';

const frame = { row_px: 30, height_px: 300, margin_rows: 5 };

it('draws what is seen and some rows around it', () => {
  expect(rowsInView({ ...frame, rows: 1000, top_px: 0 })).toEqual({
    first: 0,
    rows: 15,
    before_px: 0,
    after_px: 985 * 30,
  });
  expect(rowsInView({ ...frame, rows: 1000, top_px: 3000 })).toMatchObject({
    first: 95,
    before_px: 95 * 30,
  });
});

it('reaches the last row, however many there are', () => {
  for (const rows of [201, 1000, 1_000_000, 50_000_000]) {
    const whole_px = Math.min(rows * 30, HEIGHT_PX_MAX);
    const end = rowsInView({ ...frame, rows, top_px: whole_px - 300 });
    expect(end.first + end.rows).toBe(rows);
    expect(end.after_px).toBe(0);
    expect(end.before_px + end.rows * 30).toBeCloseTo(whole_px);
  }
});

it('keeps its height wherever it is scrolled to', () => {
  const rows = 1_000_000;
  for (let top_px = 0; top_px <= HEIGHT_PX_MAX - 300; top_px += 333_333) {
    const view = rowsInView({ ...frame, rows, top_px });
    expect(view.before_px + view.rows * 30 + view.after_px).toBeCloseTo(HEIGHT_PX_MAX);
    expect(view.before_px).toBeLessThanOrEqual(top_px);
  }
});
