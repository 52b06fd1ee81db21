export { type Action, type ActionContext, ActionError, type AnyAction, defineAction } from './action.ts';
export { type BuiltInOptions, builtInActions } from './built-in/index.ts';
export { loadFault } from './built-in/script/script-module.ts';
export { InProcessExecutor, type InProcessOptions } from './in-process-executor.ts';
export { environmentSecrets, type SecretSource } from './secrets.ts';
