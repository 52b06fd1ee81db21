/** Colours and lines of a drawing as CSS inside the SVG: light, dark, or as the reader's system prefers. Every rule is under one class, so that a page around it is left alone. */

import { type Shade, statusLooks, statusWords } from './status-look.ts';

export type Theme = 'auto' | 'light' | 'dark';

interface Colors {
  readonly back: string;
  readonly text: string;
  readonly faint: string;
  readonly node: Shade;
  readonly edge: string;
  readonly taken: string;
  readonly backEdge: string;
}

const light: Colors = {
  back: '#ffffff',
  text: '#1c2024',
  faint: '#596270',
  node: { fill: '#f6f7f9', line: '#a3acb8' },
  edge: '#8b95a3',
  taken: '#1e7b34',
  backEdge: '#b4562a',
};
const dark: Colors = {
  back: '#15181c',
  text: '#e6e9ee',
  faint: '#a0a9b5',
  node: { fill: '#22272e', line: '#5c6672' },
  edge: '#727d8b',
  taken: '#5cc47a',
  backEdge: '#e2905f',
};

export function svgStyle(theme: Theme, className: string): string {
  const scope = `.${className}`;
  const shape = [
    `${scope} text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}`,
    `${scope} .l{font-size:13px;font-weight:500}`,
    `${scope} .d,${scope} .e{font-size:11px}`,
    `${scope} .e,${scope} .m{text-anchor:middle}`,
    `${scope} .n rect{stroke-width:1.4}`,
    `${scope} .n .i{fill:none;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}`,
    `${scope} .p{fill:none;stroke-width:1.5}`,
    `${scope} .p.t{stroke-width:2.2}`,
    `${scope} .p.f{stroke-dasharray:6 4}`,
    `${scope} .p.b{stroke-dasharray:2 3;stroke-linecap:round}`,
  ].join('');
  if (theme !== 'auto') return shape + colorRules(scope, theme);
  return `${shape}${colorRules(scope, 'light')}@media(prefers-color-scheme:dark){${colorRules(scope, 'dark')}}`;
}

function colorRules(scope: string, theme: 'light' | 'dark'): string {
  const { back, text, faint, node, edge, taken, backEdge } = theme === 'light' ? light : dark;
  const rules = [
    `.g{fill:${back}}`,
    `.l{fill:${text}}`,
    `.d,.e{fill:${faint}}`,
    `.c{fill:${back};fill-opacity:.95}`,
    `.n rect{fill:${node.fill};stroke:${node.line}}`,
    `.p{stroke:${edge}}`,
    `.a{fill:${edge}}`,
    `.p.t{stroke:${taken}}`,
    `.a.t{fill:${taken}}`,
    `.p.b{stroke:${backEdge}}`,
    `.a.b{fill:${backEdge}}`,
    ...statusWords.flatMap((word) => {
      const { fill, line } = statusLooks[word][theme];
      return [
        `.n.${word} rect{fill:${fill};stroke:${line}}`,
        `.n.${word} circle{fill:${line}}`,
        `.n.${word} .i{stroke:${fill}}`,
        `.n.${word} .d{fill:${line}}`,
      ];
    }),
  ];
  return rules.map((rule) => rule.replace(/^[^{]+/, (names) => names.replace(/(^|,)/g, `$1${scope} `))).join('');
}
