export { type AesGcmOptions, aesGcmCodec } from './aes-gcm-codec.ts';
export { isRunning, type ProcessIdentity, processIdentity } from './process-identity.ts';
export { type SystemClock, type SystemClockOptions, systemClock, type TimeSources } from './system-clock.ts';
export { systemHasher } from './system-hasher.ts';
export { type SystemIdsOptions, systemIds } from './system-ids.ts';
export { systemRandom } from './system-random.ts';
export { type SystemTimersOptions, systemTimers } from './system-timers.ts';
export { systemTurn } from './system-turn.ts';
