/** A command that runs, as execa gives it. */
interface Run<Result> extends PromiseLike<Result> {
  iterable(options: { readonly from: 'all' }): AsyncIterable<unknown>;
  kill(signal: NodeJS.Signals): boolean;
}

/** How long a run may take to print the line, unless the caller says otherwise. */
const MOMENT_DEADLINE_MS = 60_000;

/**
 * Does something when a line with this text is printed, and waits for the end of the run.
 * @throws Error with everything that was printed, when the run ends before the line or does not print it in time.
 */
export async function atLine<Result extends { readonly all: string }>(
  run: Run<Result>,
  text: string,
  act: () => void | Promise<void>,
  deadlineMs = MOMENT_DEADLINE_MS,
): Promise<Result> {
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    run.kill('SIGKILL');
  }, deadlineMs);
  let acted = false;
  for await (const line of run.iterable({ from: 'all' })) {
    if (acted || !String(line).includes(text)) continue;
    acted = true;
    clearTimeout(deadline);
    await act();
  }
  clearTimeout(deadline);
  const result = await run;
  if (acted) return result;
  const how = late ? `within ${deadlineMs / 1000} s` : 'before it ended';
  throw new Error(`the run did not print "${text}" ${how}. It printed:\n${result.all}`);
}
