/** Whether a promise settles without anything else happening first, such as a timer or a line of a log. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return settled;
}
