/** A promise that begins when somebody waits for it, and not before: `const result = handle.result()` moves no time yet. */

export class Awaited<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'Promise';
  readonly #begin: () => Promise<T>;
  #promise: Promise<T> | undefined;

  constructor(begin: () => Promise<T>) {
    this.#begin = begin;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, and this is where waiting shows.
  then<Result = T, Fault = never>(
    onValue?: ((value: T) => Result | PromiseLike<Result>) | null,
    onError?: ((reason: unknown) => Fault | PromiseLike<Fault>) | null,
  ): Promise<Result | Fault> {
    this.#promise ??= this.#begin();
    return this.#promise.then(onValue, onError);
  }

  catch<Fault = never>(onError?: ((reason: unknown) => Fault | PromiseLike<Fault>) | null): Promise<T | Fault> {
    return this.then(undefined, onError);
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    this.#promise ??= this.#begin();
    return this.#promise.finally(onEnd);
  }
}
