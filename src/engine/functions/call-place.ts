/** The line of the user's code that made a call, for messages. */

import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this code lies: its folder in the sources, and all of what is published. */
const ownFolder = ((): string => {
  const folder = dirname(fileURLToPath(import.meta.url));
  return (folder.endsWith(`${sep}chunks`) ? dirname(folder) : folder) + sep;
})();

/** `file:line:column` of the innermost frame that is not of this code. */
export function callPlace(): string | undefined {
  for (const line of (new Error().stack ?? '').split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place === undefined) continue;
    const path = place.startsWith('file://') ? pathOf(place) : place;
    if (!path.startsWith(ownFolder) && !path.includes(`${sep}node:internal`)) return path;
  }
  return undefined;
}

function pathOf(place: string): string {
  const [, url = place, position = ''] = /^(.*?)(:\d+:\d+)$/.exec(place) ?? [];
  return fileURLToPath(url.replace(/\?.*$/, '')) + position;
}
