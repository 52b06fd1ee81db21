/** The title in lower case, its words joined by dashes, without accents and signs. Empty where no letter or digit is left. */
export function slug(title) {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join('-');
}

/** `slug`, with a number behind it where it is taken. */
export function uniqueSlug(title, taken) {
  const wanted = slug(title);
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    if (!taken.has(`${wanted}-${number}`)) return `${wanted}-${number}`;
  }
}
