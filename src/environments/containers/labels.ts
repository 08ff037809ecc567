import type { Labels } from './engine.js';

/** On everything that one call of remigrate creates in Docker; removed when the call ends. */
const CALL = 'remigrate.io/call';
const RUN = 'remigrate.io/run';

export function labelsOfCall(call: string): Labels {
  return { [CALL]: call };
}

export function labelsOfRun(call: string, run: string): Labels {
  return { ...labelsOfCall(call), [RUN]: run };
}

/** `key=value`, to filter by. */
export function labelOfCall(call: string): string {
  return `${CALL}=${call}`;
}

export function labelOfRun(run: string): string {
  return `${RUN}=${run}`;
}
