/** How a row and its cells are named in sentences. Pure. */
import type { Cell, Row } from './define-table';

/** A row by its key; its date is known. */
export function spellKey({ game_date: _, ...key }: Row): string {
  return Object.values(key).join(' ');
}

export function spellCell(value: Cell): string {
  return value === null ? 'empty' : String(value);
}
