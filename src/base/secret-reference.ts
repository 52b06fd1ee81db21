/** How a text names a secret: `secret(NAME)`, also with quotes around the name. */

export const secretReference = /\bsecret\(\s*(["']?)([A-Za-z_][A-Za-z0-9_.-]*)\1\s*\)/g;

/** The names of the secrets that a text asks for, each once. */
export function secretNamesIn(text: string): string[] {
  if (!text.includes('secret(')) return [];
  return [...new Set([...text.matchAll(secretReference)].map((match) => match[2]!))];
}
