/**
 * The names in sight while a YAQL expression runs: `$`, `$1`, `$name`, and functions made by `def`.
 *
 * A frame sees its own names, then its parent's. Frames are made for lambdas and by `let`, `with`, `unpack` and `def`,
 * which return theirs as a value for `->`.
 */

import { Opaque, type Value } from '../python/values.ts';
import type { Scope } from '../scope.ts';
import type { FunctionSpec } from './signature.ts';

export class Frame extends Opaque {
  readonly type = 'Context';
  readonly parent: Frame | null;
  readonly scope: Scope;
  private first: Value | undefined;
  private names: Map<string, Value> | null = null;
  private functions: Map<string, FunctionSpec[]> | null = null;

  constructor(scope: Scope, parent: Frame | null) {
    super();
    this.scope = scope;
    this.parent = parent;
  }

  child(): Frame {
    return new Frame(this.scope, this);
  }

  /** A child in which `$1`, `$2` … are `values`; `$` is `$1`. */
  childWith(values: readonly Value[]): Frame {
    const child = new Frame(this.scope, this);
    if (values.length > 0) child.first = values[0];
    for (let index = 1; index < values.length; index++) child.set(`$${index + 1}`, values[index] as Value);
    return child;
  }

  /** The value of a name with its `$`, null where nobody set it. */
  get(name: string): Value {
    for (let frame: Frame | null = this; frame !== null; frame = frame.parent) {
      if (name === '$1') {
        if (frame.first !== undefined) return frame.first;
      } else {
        const value = frame.names?.get(name);
        if (value !== undefined) return value;
      }
    }
    return null;
  }

  set(name: string, value: Value): void {
    const full = name.startsWith('$') ? name : `$${name}`;
    if (full === '$' || full === '$1') {
      this.first = value;
      return;
    }
    this.names ??= new Map();
    this.names.set(full, value);
  }

  define(spec: FunctionSpec): void {
    this.functions ??= new Map();
    const specs = this.functions.get(spec.name);
    if (specs) specs.push(spec);
    else this.functions.set(spec.name, [spec]);
  }

  /** Functions of this name made by `def`, nearest frame first. */
  definitions(name: string): readonly FunctionSpec[][] {
    const levels: FunctionSpec[][] = [];
    for (let frame: Frame | null = this; frame !== null; frame = frame.parent) {
      const specs = frame.functions?.get(name);
      if (specs) levels.push(specs);
    }
    return levels;
  }
}
