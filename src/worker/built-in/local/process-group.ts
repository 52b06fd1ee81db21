/**
 * Process groups that this process started and answers for: a shell and all it starts, under one number.
 *
 * G1. A group is signalled by its number only while its shell, or one of its members, is known to be there: a number that
 *     is free again may belong to somebody else.
 * G2. When this process exits in an orderly way, what still belongs to a group under way is killed first. (A `kill -9` of
 *     this process leaves the groups behind; see `leftovers.ts`.)
 */

const underWay = new Set<number>();

function killAll(): void {
  for (const leader of underWay) signalGroup(leader, 'SIGKILL');
}

/** From now on the group ends with this process. */
export function own(leader: number): void {
  if (underWay.size === 0) process.on('exit', killAll);
  underWay.add(leader);
}

/** The group's command is over; what it left running on purpose stays. */
export function disown(leader: number): void {
  underWay.delete(leader);
  if (underWay.size === 0) process.off('exit', killAll);
}

/** Signals every member. False where the group has none, or none we may signal. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
