/** A scrolled window over rows of one height. */
export interface Scrolled {
  rows: number;
  row_px: number;
  top_px: number;
  height_px: number;
  margin_rows: number;
}

/** Which rows to draw, and how much empty height stands for those before and after. */
export interface RowsInView {
  first: number;
  rows: number;
  before_px: number;
  after_px: number;
}

/** Browsers lose count beyond some 17 to 33 million pixels; from here on, a pixel of scrolling is more than a pixel of rows. */
export const HEIGHT_PX_MAX = 10_000_000;

/** The rows in view and some around them. */
export function rowsInView({ rows, row_px, top_px, height_px, margin_rows }: Scrolled): RowsInView {
  const natural_px = rows * row_px;
  const whole_px = Math.min(natural_px, HEIGHT_PX_MAX);
  const seen = Math.ceil(height_px / row_px);
  // Where all rows have their own height, this is `top_px / row_px`; else the part that is scrolled decides.
  const part = whole_px > height_px ? Math.min(1, top_px / (whole_px - height_px)) : 0;
  const top =
    natural_px <= HEIGHT_PX_MAX
      ? Math.floor(top_px / row_px)
      : Math.round(part * Math.max(0, rows - seen));
  const first = Math.max(0, Math.min(top, rows - seen) - margin_rows);
  const end = Math.min(rows, Math.max(top, 0) + seen + margin_rows);
  const drawn_px = (end - first) * row_px;
  const before_px =
    natural_px <= HEIGHT_PX_MAX
      ? first * row_px
      : Math.max(0, Math.min(top_px - (top - first) * row_px, whole_px - drawn_px));
  return {
    first,
    rows: end - first,
    before_px,
    after_px: Math.max(0, whole_px - before_px - drawn_px),
  };
}
