/**
 * How wires cross the gap between two ranks of a drawing of letters: a net comes down in its top columns, runs along one
 * row (its track) and goes on in its bottom columns. All wires from one column are a net; wires that are alone in theirs
 * and meet in one column below are a net too. Nets share a row only where they do not touch, and a net that starts in a
 * column where another ends lies above it, so that both stay apart (but for a circle of such nets).
 */

export interface Wire {
  readonly top: number;
  readonly bottom: number;
  readonly isDashed: boolean;
  /** It ends there in the head of an arrow, short of the box. */
  readonly headAtTop: boolean;
  readonly headAtBottom: boolean;
}

export interface Net {
  readonly wires: readonly Wire[];
  readonly low: number;
  readonly high: number;
  /** Row in the gap, from 0; -1 for a net that runs straight down. */
  readonly track: number;
}

export interface Gap {
  readonly nets: readonly Net[];
  readonly trackCount: number;
}

export function routeGap(wires: readonly Wire[]): Gap {
  const nets = netsOf(wires);
  const netFrom = new Map<number, number>();
  for (const [index, net] of nets.entries()) for (const { top } of net.wires) netFrom.set(top, index);
  const mustFollow = nets.map((net, index) => {
    if (net.low === net.high) return [];
    const others = net.wires.flatMap(({ bottom }) => netFrom.get(bottom) ?? []);
    return others.filter((other) => other !== index && nets[other]!.low < nets[other]!.high);
  });

  const rows: { low: number; high: number }[][] = [];
  const track = new Map<number, number>();
  for (const index of aboveFirst(mustFollow)) {
    const { low, high } = nets[index]!;
    if (low === high) continue;
    let row = Math.max(0, ...mustFollow[index]!.map((above) => (track.get(above) ?? -1) + 1));
    while (rows[row]?.some((other) => other.low <= high && low <= other.high)) row++;
    rows[row] ??= [];
    rows[row]!.push({ low, high });
    track.set(index, row);
  }
  return {
    nets: nets.map((net, index) => ({ ...net, track: track.get(index) ?? -1 })),
    trackCount: rows.length,
  };
}

function netsOf(wires: readonly Wire[]): Omit<Net, 'track'>[] {
  const byTop = [...Map.groupBy(wires, ({ top }) => top).values()];
  const isFanOut = (members: readonly Wire[]): boolean => members.some(({ bottom }) => bottom !== members[0]!.bottom);
  const single = byTop.filter((members) => !isFanOut(members)).flat();
  // Dashed and solid wires do not share a row: one could not tell which is which.
  const joins = Map.groupBy(single, ({ bottom, isDashed }) => 2 * bottom + Number(isDashed)).values();
  return [...byTop.filter(isFanOut), ...joins]
    .map((members) => {
      const columns = members.flatMap(({ top, bottom }) => [top, bottom]);
      return { wires: members, low: Math.min(...columns), high: Math.max(...columns) };
    })
    .sort((a, b) => a.low - b.low);
}

/** Numbers of nets such that those which must lie above a net come before it, circles apart. Depth first, without recursion. */
function aboveFirst(mustFollow: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  for (const first of mustFollow.keys()) {
    const path = [{ net: first, next: 0 }];
    if (seen.has(first)) continue;
    seen.add(first);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const above = mustFollow[step.net]![step.next++];
      if (above === undefined) {
        order.push(step.net);
        path.pop();
      } else if (!seen.has(above)) {
        seen.add(above);
        path.push({ net: above, next: 0 });
      }
    }
  }
  return order;
}
