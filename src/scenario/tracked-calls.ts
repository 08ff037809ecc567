import { inspect } from 'node:util';

/** A call of a gesture or wait that a step has made, and what has become of it. */
interface TrackedCall {
  /** `cluster.waitForState('KRaft')` */
  readonly text: string;
  settled: boolean;
  /** It failed through a function that the step did not await. */
  unhandled: boolean;
}

/** A promise that knows whether anything was done with it: it was awaited, returned or passed to `Promise.all`. */
class Answer extends Promise<unknown> {
  used = false;

  /** What `then` returns is a promise like any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` calls it, because the class is not Promise itself.
  override then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.used = true;
    return super.then(onFulfilled, onRejected);
  }

  /** Handles a rejection, so that it does not end the process if the step does nothing with this promise. */
  handleRejection(): void {
    super.then(undefined, () => undefined);
  }
}

/** The property of an error that names the call which failed with it. */
const FAILED_CALL = Symbol('the tracked call that failed');

/**
 * The calls that a step makes of the methods of some objects. A step must await every one. If it does not, the call goes
 * on when the step has ended, and its failure would end the process, because no code handles it.
 */
export class TrackedCalls {
  readonly #calls: { readonly call: TrackedCall; readonly answer: Answer }[] = [];
  #closed = false;

  /**
   * @param name the name of the object in a step, for messages.
   * @returns the same object, with its methods tracked.
   */
  track<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          const returned: unknown = Reflect.apply(value, object, args);
          return isAwaitable(returned) ? this.#track(callText(name, key, args), returned) : returned;
        };
      },
    });
  }

  /** The calls that were not awaited, as the step wrote them: they have not ended, or nothing uses what they return. */
  forgotten(): readonly string[] {
    const forgotten = this.#calls.filter(({ call, answer }) => !call.settled || call.unhandled || !answer.used);
    return [...new Set(forgotten.map(({ call }) => call.text))];
  }

  /** The step is over: what it still waits for never happens, so that no failure of it is unhandled. */
  close(): void {
    this.#closed = true;
  }

  #track(text: string, returned: PromiseLike<unknown>): Answer {
    const call: TrackedCall = { text, settled: false, unhandled: false };
    const answer = new Answer((resolve, reject) => {
      Promise.resolve(returned).then(
        (value) => {
          call.settled = true;
          if (!this.#closed) resolve(value);
        },
        (error: unknown) => {
          call.settled = true;
          mark(error, call);
          if (!this.#closed) reject(error);
        },
      );
    });
    answer.handleRejection();
    this.#calls.push({ call, answer });
    return answer;
  }
}

/**
 * Until it is stopped, keeps failures of tracked calls from ending the process: a step that does not await a function
 * does not handle its rejection. The call counts as forgotten. Every other rejection that no code handles is thrown, as
 * Node.js does.
 * @returns stops it.
 */
export function catchForgottenRejections(process: Pick<NodeJS.Process, 'on' | 'off'>): () => void {
  const onRejection = (reason: unknown): void => {
    const call = failedCall(reason);
    if (call === undefined) throw reason;
    call.unhandled = true;
  };
  process.on('unhandledRejection', onRejection);
  return () => void process.off('unhandledRejection', onRejection);
}

/** Whether a value can be awaited: a promise, or something like it from another library. */
export function isAwaitable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function mark(error: unknown, call: TrackedCall): void {
  if (typeof error !== 'object' || error === null || !Object.isExtensible(error)) return;
  Object.defineProperty(error, FAILED_CALL, { value: call, configurable: true });
}

function failedCall(reason: unknown): TrackedCall | undefined {
  if (typeof reason !== 'object' || reason === null) return undefined;
  return (reason as { readonly [FAILED_CALL]?: TrackedCall })[FAILED_CALL];
}

function callText(name: string, method: string | symbol, args: readonly unknown[]): string {
  const shown = args.map((arg) => inspect(arg, { depth: 1, breakLength: Number.POSITIVE_INFINITY }));
  return `${name}.${String(method)}(${shown.join(', ')})`;
}
