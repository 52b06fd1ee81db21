export { type VariableReference, referencedVariables } from './references.ts';
export type { CurrentTask, Scope } from './scope.ts';
export {
  compile,
  type ExpressionError,
  evaluate,
  evaluateTyped,
  type Template,
  type TemplateFault,
  truthy,
  type TypedValue,
} from './template.ts';
