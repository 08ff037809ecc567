import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { endAfter } from '../../../../src/environments/containers/node-container.js';

type Asked = Parameters<typeof endAfter>[0];

/** A container for which Docker responds with this. */
function container(wait: () => Promise<unknown>, inspect: () => Promise<unknown>): Asked {
  return { wait, inspect } as unknown as Asked;
}

const never = () => new Promise<never>(() => undefined);
const exited = (code: number) => async () => ({ State: { Running: false, ExitCode: code } });
const gone = () => Promise.reject(Object.assign(new Error('no such container'), { statusCode: 404 }));

describe('the end of a container', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    [0, 'exit code 0'],
    [1, 'exit code 1'],
    [137, 'SIGKILL'],
  ])('is what Docker responds to `wait`: %i', async (StatusCode, how) => {
    await expect(
      endAfter(
        container(async () => ({ StatusCode }), never),
        never(),
      ),
    ).resolves.toBe(how);
  });

  it.each([
    ['has ended', exited(1), 'exit code 1'],
    ['was killed', exited(137), 'SIGKILL'],
    ['is still running', async () => ({ State: { Running: true } }), 'Docker closed the connection to it'],
    ['is gone', gone, 'its container was removed'],
  ])('is inspected if its output has ended and `wait` gets no response: it %s', async (_, inspect, how) => {
    const ended = endAfter(container(never, inspect), Promise.resolve());
    await jest.advanceTimersByTimeAsync(5_000);
    await expect(ended).resolves.toBe(how);
  });

  it('is not inspected before that: output and response use separate connections', async () => {
    const inspect = jest.fn(exited(1));
    const wait = () => new Promise((resolve) => setTimeout(resolve, 4_000, { StatusCode: 143 }));
    const ended = endAfter(container(wait, inspect), Promise.resolve());
    await jest.advanceTimersByTimeAsync(4_000);
    await expect(ended).resolves.toBe('exit code 143');
    expect(inspect).not.toHaveBeenCalled();
  });

  it('starts no timer once it is known, even if the output ends later', async () => {
    let end: () => void = () => undefined;
    const output = new Promise<void>((resolve) => {
      end = resolve;
    });
    await expect(
      endAfter(
        container(async () => ({ StatusCode: 143 }), never),
        output,
      ),
    ).resolves.toBe('exit code 143');
    end();
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
