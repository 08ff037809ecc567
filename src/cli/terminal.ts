/** What of the output stream and the environment decides how a report looks. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How a report looks. */
export interface TerminalLook {
  /** Lines may be drawn over. */
  readonly tty: boolean;
  readonly color: boolean;
  /** Width in characters. */
  readonly columns: number;
}

/** Where the terminal does not know its width: the VT100's. */
const COLUMNS = 80;

/**
 * Live lines and colours on a terminal alone, and not in CI, whose logs keep everything that was ever drawn. `NO_COLOR`
 * with any text takes the colours away (no-color.org: "when present and not an empty string"). `CI` set to nothing,
 * `false` or `0` is no CI: that is how people turn it off.
 */
export function terminalLook(stream: OutputStream, env: NodeJS.ProcessEnv): TerminalLook {
  const tty = stream.isTTY === true && !inCi(env.CI);
  const color = tty && (env.NO_COLOR ?? '') === '';
  // A pseudo-terminal that nobody has given a size says 0.
  return { tty, color, columns: stream.columns || COLUMNS };
}

function inCi(value: string | undefined): boolean {
  return value !== undefined && !['', 'false', '0'].includes(value);
}
