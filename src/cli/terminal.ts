/** The properties of an output stream that decide how a report looks. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How a report looks. */
export interface TerminalLook {
  /** Whether lines may be redrawn. */
  readonly tty: boolean;
  readonly color: boolean;
  /** Width in characters. */
  readonly columns: number;
}

/** For a terminal that does not report its width: the width of a VT100. */
const COLUMNS = 80;

/**
 * Live lines and colours only on a terminal, and not in CI, whose logs keep everything that was ever drawn. A non-empty
 * `NO_COLOR` turns colours off (no-color.org: "when present and not an empty string"). `CI` set to an empty string,
 * `false` or `0` does not count as CI: this is how users turn it off.
 */
export function terminalLook(stream: OutputStream, env: NodeJS.ProcessEnv): TerminalLook {
  const tty = stream.isTTY === true && !inCi(env.CI);
  const color = tty && (env.NO_COLOR ?? '') === '';
  // A pseudo-terminal without a size reports 0.
  return { tty, color, columns: stream.columns || COLUMNS };
}

function inCi(value: string | undefined): boolean {
  return value !== undefined && !['', 'false', '0'].includes(value);
}
