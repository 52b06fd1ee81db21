/** What is wrong with an XML text: tags that do not pair, bare `&` and `<`, characters that XML does not allow. Enough for what we write. */

export function xmlFaults(text: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const bare = text.replace(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi,
    (_, end: string, name: string, __, single: string) => {
      if (end === '/') {
        if (open.pop() !== name) faults.push(`</${name}> closes another element`);
      } else if (single === '') open.push(name);
      return '';
    },
  );
  if (open.length > 0) faults.push(`${open.join(', ')} stays open`);
  if (bare.includes('<')) faults.push(`a bare < in ${bare.slice(bare.indexOf('<'), bare.indexOf('<') + 60)}`);
  if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(text)) faults.push('a bare &');
  if (/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/u.test(text) || !text.isWellFormed())
    faults.push('a character XML does not allow');
  return faults;
}
