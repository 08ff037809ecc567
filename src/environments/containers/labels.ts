import type { Labels } from './engine.js';

/** Of everything that one call of remigrate makes in Docker: whatever carries it goes with the call. */
const CALL = 'remigrate.io/call';
const RUN = 'remigrate.io/run';

export function labelsOfCall(mark: string): Labels {
  return { [CALL]: mark };
}

export function labelsOfRun(callMark: string, runMark: string): Labels {
  return { ...labelsOfCall(callMark), [RUN]: runMark };
}

/** `key=value`, to filter by. */
export function labelOfCall(mark: string): string {
  return `${CALL}=${mark}`;
}

export function labelOfRun(mark: string): string {
  return `${RUN}=${mark}`;
}
