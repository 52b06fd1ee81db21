/** Text made safe inside XML, as content or as an attribute's value: it comes from users' documents and may hold anything. */

const replacements: { readonly [sign: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that XML does not allow, and changes of direction, become spaces. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n])\p{Cc}|[\p{Cf}\uFFFE\uFFFF]/gu, ' ')
    .replace(/[&<>"']/g, (sign) => replacements[sign]!);
}
