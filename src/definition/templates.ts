/**
 * The expressions of one document, each compiled once: first to find its faults, later to build the flow from it.
 */

import type { Json } from '../base/index.ts';
import { compile, type Template } from '../expression/index.ts';

export class Templates {
  readonly #compiled = new WeakMap<object, Template>();

  /** The template of `value`; `owner` is the node or draft it belongs to, and the key to finding it again. */
  of(owner: object, value: Json): Template {
    let template = this.#compiled.get(owner);
    if (!template) {
      template = compile(value);
      this.#compiled.set(owner, template);
    }
    return template;
  }
}
