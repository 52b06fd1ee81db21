export { AssertionError, assert, unreachable } from './assert.ts';
export {
  type AttributeChanges,
  type Attributes,
  type AttributeValue,
  attributeNameFault,
  attributesFault,
  attributeValue,
  type GivenAttributes,
  noAttributes,
  parseAttributeChanges,
  sameAttributes,
  withAttributes,
} from './attributes.ts';
export type { Codec, OpenedText, SealedPlace, SealedText } from './codec.ts';
export { DueHeap } from './due-heap.ts';
export { parseDuration } from './duration.ts';
export { type ErrorCode, errorCodes, isPawlError, PawlError } from './errors.ts';
export { parseRunId, type RunId, type TaskNumber, type WorkflowVersion, workflowVersion } from './ids.ts';
export { type Instant, instantOf, isoText, plus } from './instant.ts';
export {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonCopy,
  jsonEqual,
  jsonFault,
  ownProperty,
  setOwn,
} from './json.ts';
export { type JsonTextFault, parseJsonText } from './json-text.ts';
export type { Clock, Hasher, Ids, Logger, Random, Timers, Turn } from './ports.ts';
export { fail, ok, type Result } from './result.ts';
export { secretNamesIn, secretReference } from './secret-reference.ts';
