import { isChosen, type Filter } from '../data/asked.ts';
import { el, fill, say, svg } from '../dom/element.ts';

/** A mark that can be pointed at, by mouse or arrow keys, with the sentence it stands for. */
export interface Mark {
  sentence: string;
  /** The filters that leave only what the mark stands for. */
  filters?: Filter[] | undefined;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a chart draws for a width: its content, its height, and its marks in reading order. */
export interface Drawing {
  content: SVGElement[];
  width: number;
  height: number;
  marks: Mark[];
  /** Marks in a row; arrow up and down move by this many. */
  across: number;
}

/** A drawing for any width, and what a screen reader says of the whole. */
export interface Picture {
  summary: string;
  draw: (width: number) => Drawing;
}

/** Room left and right of the drawing for outlines; `chart.css` sets the same. */
const EDGE_PX = 8;

/** An SVG that is drawn anew for every width, with a spoken line for the mark that is pointed at. */
export class Chart {
  readonly root: HTMLElement;
  readonly svg = svg('svg', {
    class: 'chart',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'chart',
  });
  readonly #frame = el('div', { class: 'chart-frame' });
  readonly #readout = el('p', { class: 'readout', 'aria-live': 'polite' });
  readonly #cursor = svg('rect', { class: 'cursor', rx: 4, visibility: 'hidden' });
  readonly #hint: string;
  readonly #picked: ((filters: Filter[]) => void) | undefined;
  #draw: ((width: number) => Drawing) | undefined;
  #drawing: Drawing | undefined;
  #filters: readonly Filter[] = [];
  #width = 0;
  #active: number | undefined;

  /** `picked` hears of a mark that is clicked, or entered by the keyboard. */
  constructor(hint: string, picked?: (filters: Filter[]) => void) {
    this.#picked = picked;
    this.#hint = hint;
    if (picked) this.svg.classList.add('pickable');
    this.#frame.append(this.svg);
    this.root = el('div', {}, this.#frame, this.#readout);
    new ResizeObserver(() => {
      if (this.#room !== this.#width) this.#redraw();
    }).observe(this.#frame);
    this.svg.addEventListener('pointermove', (event) => {
      this.#pointed(event);
    });
    this.svg.addEventListener('click', (event) => {
      this.#pointed(event);
      this.#pick();
    });
    for (const gone of ['pointerleave', 'blur']) {
      this.svg.addEventListener(gone, () => {
        this.#activate(undefined);
      });
    }
    this.svg.addEventListener('keydown', (event) => {
      this.#moved(event);
    });
  }

  /** Shows a picture; marks that are among the filters are outlined. */
  show({ summary, draw }: Picture, filters: readonly Filter[] = []): void {
    this.#draw = draw;
    this.#filters = filters;
    const keys = this.#picked ? 'Arrow keys move, Enter filters.' : 'Arrow keys move.';
    this.svg.setAttribute('aria-label', `${summary}. ${keys}`);
    this.#redraw();
  }

  /** The width there is for drawing. */
  get #room(): number {
    return Math.max(0, this.#frame.clientWidth - 2 * EDGE_PX);
  }

  #redraw(): void {
    const width = this.#room;
    if (!this.#draw || width === 0) return;
    this.#width = width;
    this.#drawing = this.#draw(width);
    this.svg.setAttribute('width', String(this.#drawing.width));
    this.svg.setAttribute('height', String(this.#drawing.height));
    const chosen = this.#chosen(this.#drawing.marks).map(({ x, y, width: wide, height }) =>
      svg('rect', { class: 'chosen', rx: 4, x, y, width: wide, height }),
    );
    fill(this.svg, ...this.#drawing.content, ...chosen, this.#cursor);
    this.#activate(this.#active);
  }

  /** The marks that stand for exactly what is filtered in this chart's dimensions: a cell, and not its line's total too. */
  #chosen(marks: Mark[]): Mark[] {
    const dimensions = new Set(marks.flatMap(({ filters }) => filters?.map(({ of }) => of) ?? []));
    const active = this.#filters.filter(({ of }) => dimensions.has(of));
    if (active.length === 0) return [];
    return marks.filter(
      ({ filters }) =>
        filters?.length === active.length && filters.every((filter) => isChosen(active, filter)),
    );
  }

  #pointed(event: MouseEvent): void {
    const box = this.svg.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const hit = this.#drawing?.marks.findIndex(
      (mark) => x >= mark.x && x < mark.x + mark.width && y >= mark.y && y < mark.y + mark.height,
    );
    this.#activate(hit === -1 ? undefined : hit);
  }

  #pick(): void {
    const mark = this.#active === undefined ? undefined : this.#drawing?.marks[this.#active];
    if (mark?.filters) this.#picked?.(mark.filters);
  }

  #moved(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#pick();
      return;
    }
    const last = (this.#drawing?.marks.length ?? 0) - 1;
    const across = this.#drawing?.across ?? 1;
    const now = this.#active ?? -1;
    const places: Record<string, number> = {
      ArrowDown: this.#active === undefined ? 0 : now + across,
      ArrowUp: this.#active === undefined ? 0 : now - across,
      ArrowRight: now + 1,
      ArrowLeft: Math.max(now - 1, 0),
      Home: 0,
      End: last,
    };
    const next = places[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next >= 0 && next <= last) this.#activate(next);
  }

  #activate(index: number | undefined): void {
    const mark = index === undefined ? undefined : this.#drawing?.marks[index];
    this.#active = mark ? index : undefined;
    this.#cursor.setAttribute('visibility', mark ? 'visible' : 'hidden');
    if (mark) {
      for (const side of ['x', 'y', 'width', 'height'] as const) {
        this.#cursor.setAttribute(side, String(mark[side]));
      }
    }
    this.#readout.classList.toggle('idle', !mark);
    say(this.#readout, mark?.sentence ?? this.#hint);
  }
}
