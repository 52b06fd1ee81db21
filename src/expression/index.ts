export { referencedVariables, type VariableReference } from './references.ts';
export type { CurrentTask, Scope } from './scope.ts';
export {
  compile,
  type ExpressionError,
  evaluate,
  evaluateTyped,
  type Template,
  type TemplateFault,
  type TypedValue,
  truthy,
} from './template.ts';
