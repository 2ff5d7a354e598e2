import { el, fill, say, svg } from '../dom/element.ts';

/** A mark that can be pointed at, by mouse or arrow keys, with the sentence it stands for. */
export interface Mark {
  sentence: string;
  /** The filter that leaves only what the mark stands for. */
  where?: string | undefined;
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

/** An SVG that is drawn anew for every width, with a spoken line for the mark that is pointed at. */
export class Chart {
  readonly root: HTMLElement;
  readonly #svg = svg('svg', { class: 'chart', tabindex: 0, role: 'img' });
  readonly #frame = el('div', { class: 'chart-frame' });
  readonly #readout = el('p', { class: 'readout', 'aria-live': 'polite' });
  readonly #cursor = svg('rect', { class: 'cursor', rx: 4, visibility: 'hidden' });
  readonly #picked: ((where: string) => void) | undefined;
  #draw: ((width: number) => Drawing) | undefined;
  #drawing: Drawing | undefined;
  #width = 0;
  #active: number | undefined;

  /** `picked` hears of a mark that is clicked, or entered by the keyboard. */
  constructor(hint: string, picked?: (where: string) => void) {
    this.#picked = picked;
    if (picked) this.#svg.classList.add('pickable');
    this.#frame.append(this.#svg);
    this.root = el('div', {}, this.#frame, this.#readout);
    this.#readout.dataset['hint'] = hint;
    new ResizeObserver(() => {
      if (this.#frame.clientWidth !== this.#width) this.#redraw();
    }).observe(this.#frame);
    this.#svg.addEventListener('pointermove', (event) => {
      this.#pointed(event);
    });
    this.#svg.addEventListener('click', () => {
      this.#pick();
    });
    this.#svg.addEventListener('pointerleave', () => {
      this.#activate(undefined);
    });
    this.#svg.addEventListener('blur', () => {
      this.#activate(undefined);
    });
    this.#svg.addEventListener('keydown', (event) => {
      this.#moved(event);
    });
  }

  /** Shows a drawing; `summary` is what a screen reader says of the whole. */
  show(summary: string, draw: (width: number) => Drawing): void {
    this.#draw = draw;
    const keys = this.#picked ? 'Arrow keys move, Enter asks further.' : 'Arrow keys move.';
    this.#svg.setAttribute('aria-label', `${summary}. ${keys}`);
    this.#redraw();
  }

  #redraw(): void {
    const width = this.#frame.clientWidth;
    if (!this.#draw || width === 0) return;
    this.#width = width;
    this.#drawing = this.#draw(width);
    this.#svg.setAttribute('width', String(this.#drawing.width));
    this.#svg.setAttribute('height', String(this.#drawing.height));
    fill(this.#svg, ...this.#drawing.content, this.#cursor);
    this.#activate(this.#active);
  }

  #pointed(event: PointerEvent): void {
    const box = this.#svg.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const hit = this.#drawing?.marks.findIndex(
      (mark) => x >= mark.x && x < mark.x + mark.width && y >= mark.y && y < mark.y + mark.height,
    );
    this.#activate(hit === -1 ? undefined : hit);
  }

  #pick(): void {
    const mark = this.#active === undefined ? undefined : this.#drawing?.marks[this.#active];
    if (mark?.where) this.#picked?.(mark.where);
  }

  #moved(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#pick();
    const across = this.#drawing?.across ?? 1;
    const steps: Record<string, number> = {
      ArrowDown: across,
      ArrowUp: -across,
      ArrowRight: 1,
      ArrowLeft: -1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const last = (this.#drawing?.marks.length ?? 0) - 1;
    const next = this.#active === undefined ? 0 : this.#active + step;
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
    say(this.#readout, mark?.sentence ?? this.#readout.dataset['hint'] ?? '');
  }
}
