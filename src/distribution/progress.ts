/**
 * Reports the progress of long operations to the user, each text on a line of its own. A transient text is a count that
 * a terminal redraws in place: the next text replaces it, and an empty one only removes it. Without a terminal,
 * transient texts are not shown.
 */
export type Progress = (text: string, options?: { readonly transient?: boolean }) => void;

/** `9 s`, `2 min 5 s` */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
