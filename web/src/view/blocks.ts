import { el } from '../dom/element.ts';

/** Lines of a block: few enough to make in an instant, many enough that there are few blocks. */
const LINES = 50;
/** How far outside of the frame blocks are made, so that scrolling does not meet empty ones. */
const MARGIN = '600px 0px';

/**
 * The bodies of a long table, of which only those near the frame's window have lines.
 *
 * A block keeps the height that it was seen with, so that lines may be of any height and nothing jumps.
 */
export class Blocks {
  readonly #table: HTMLTableElement;
  readonly #line: (index: number) => HTMLElement;
  readonly #line_px: number;
  readonly #observer: IntersectionObserver;
  readonly #blocks: Block[] = [];
  #count = 0;

  /** `line` makes the line of an index; `line_px` is what a line that was never seen is taken for. */
  constructor(
    frame: HTMLElement,
    table: HTMLTableElement,
    line_px: number,
    line: (index: number) => HTMLElement,
  ) {
    this.#table = table;
    this.#line = line;
    this.#line_px = line_px;
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const block = this.#blocks.find(({ body }) => body === target);
          if (block) this.#turn(block, isIntersecting);
        }
      },
      { root: frame, rootMargin: MARGIN },
    );
  }

  /** How many lines there are now; blocks come and go at the end. */
  set count(count: number) {
    this.#count = count;
    this.#table.setAttribute('aria-rowcount', String(count + 1));
    const blocks = Math.ceil(count / LINES);
    while (this.#blocks.length > blocks) {
      const gone = this.#blocks.pop();
      if (!gone) break;
      this.#observer.unobserve(gone.body);
      gone.body.remove();
    }
    while (this.#blocks.length < blocks) {
      const index = this.#blocks.length;
      const block = { index, body: el('tbody'), lines: 0, height_px: 0, shown: index === 0 };
      this.#blocks.push(block);
      this.#table.append(block.body);
      this.#observer.observe(block.body);
    }
    this.refresh();
  }

  /** Makes the lines that can be seen anew. */
  refresh(): void {
    for (const block of this.#blocks) this.#fill(block);
  }

  #turn(block: Block, shown: boolean): void {
    if (block.shown === shown) return;
    if (!shown) block.height_px = block.body.offsetHeight;
    block.shown = shown;
    this.#fill(block);
  }

  #fill(block: Block): void {
    const first = block.index * LINES;
    const lines = Math.min(LINES, this.#count - first);
    if (!block.shown) {
      const height_px = lines === block.lines ? block.height_px : 0;
      block.lines = lines;
      block.body.replaceChildren(room(height_px || lines * this.#line_px));
      return;
    }
    block.lines = lines;
    const made = Array.from({ length: lines }, (_, line) => {
      const root = this.#line(first + line);
      root.setAttribute('aria-rowindex', String(first + line + 2));
      return root;
    });
    // Lines that are still the same ones keep their place, and the focus in them.
    const same =
      block.body.childElementCount === lines &&
      made.every((line, index) => block.body.children[index] === line);
    if (!same) block.body.replaceChildren(...made);
  }
}

interface Block {
  index: number;
  body: HTMLElement;
  lines: number;
  height_px: number;
  shown: boolean;
}

/** Empty room in the place of lines. */
function room(height_px: number): HTMLElement {
  const cell = el('td', {});
  cell.style.height = `${height_px}px`;
  return el('tr', { class: 'room', 'aria-hidden': 'true' }, cell);
}
