/** Workflows that clients of an engine may start by their names. */

import { PawlError, type RunId } from '../base/index.ts';
import type { Request } from '../client/index.ts';

export interface Offer {
  readonly version: string;
  /** @throws PawlError as a start does. */
  start(given: Pick<Request & { op: 'start' }, 'input' | 'id' | 'from' | 'attributes'>): Promise<RunId>;
}

export type Offers = ReadonlyMap<string, Offer>;

/** @throws PawlError `not_found`: nothing of that name is offered here. `conflict`: another version of it is. */
export function startOffered(offers: Offers, request: Request & { op: 'start' }): Promise<RunId> {
  const { workflow, version } = request;
  const offer = offers.get(workflow);
  if (offer === undefined) {
    const known = offers.size === 0 ? 'it knows none' : `it knows ${[...offers.keys()].join(', ')}`;
    throw new PawlError('not_found', `the process that drives the file knows no workflow "${workflow}"; ${known}`);
  }
  if (version !== undefined && version !== offer.version)
    throw new PawlError(
      'conflict',
      `the process that drives the file has another "${workflow}": version ${offer.version}, and not ${version}`,
    );
  return offer.start(request);
}
