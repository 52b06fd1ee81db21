/** The attempts this process runs, so that loading a run never takes a living attempt for a lost one. */

import type { RunId, TaskNumber } from '../base/index.ts';

export interface Flight {
  readonly run: RunId;
  readonly task: TaskNumber;
  readonly item: number | undefined;
  readonly attempt: number;
}

export class Flights {
  readonly #byRun = new Map<RunId, Map<string, Flight>>();

  get isEmpty(): boolean {
    return this.#byRun.size === 0;
  }

  add(flight: Flight): void {
    let flights = this.#byRun.get(flight.run);
    if (flights === undefined) {
      flights = new Map();
      this.#byRun.set(flight.run, flights);
    }
    flights.set(placeOf(flight), flight);
  }

  /** Takes out the attempt; a later attempt of the same task stays. */
  remove(flight: Flight): void {
    const flights = this.#byRun.get(flight.run);
    if (flights?.get(placeOf(flight))?.attempt !== flight.attempt) return;
    flights.delete(placeOf(flight));
    if (flights.size === 0) this.#byRun.delete(flight.run);
  }

  of(run: RunId): readonly Flight[] {
    return [...(this.#byRun.get(run)?.values() ?? [])];
  }
}

function placeOf(flight: Flight): string {
  return `${flight.task}.${flight.item ?? ''}`;
}
