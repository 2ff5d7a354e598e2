import type { Board } from '../board/board.ts';
import type { Column } from '../data/answer.ts';
import type { Asked } from '../data/asked.ts';
import type { Question } from '../engine/protocol.ts';

/** A part of the page that asks something and shows what came of it. */
export interface Panel {
  readonly root: HTMLElement;
  /** What it needs to know. */
  questions(asked: Asked, columns: readonly Column[]): Question[];
  update(board: Board, asked: Asked): void;
}
