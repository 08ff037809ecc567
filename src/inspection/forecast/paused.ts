import type { KafkaFacts, Znodes } from '../facts.js';
import { stateIsLost } from './losses.js';
import { isCopied } from './old-copies.js';
import { type Forecast, unknown } from './outcome.js';

/** The status has lost its state while the reconciliation is paused (docs/behaviour.md, G5). */
export function paused({ state, annotation }: KafkaFacts, { migration, controller }: Znodes): Forecast {
  if (state !== undefined) {
    return unknown(`the reconciliation is paused (${state}): unpause it and run inspect again`);
  }
  if (controller?.owner === 'kraft-controller') return stateIsLost('unpaused, the operator');
  // Without a state and with `enabled` the operator begins in KRaft (Strimzi 0.45.1
  // `KafkaMetadataStateManager.java:65-71`).
  const unpause = annotation === 'enabled' ? 'set strimzi.io/kraft to disabled, unpause it' : 'unpause it';
  const left = isCopied(migration)
    ? `; /migration says that the copy is complete (offset ${migration.kraft_metadata_offset})`
    : '';
  return unknown(
    `the reconciliation is paused, and the status does not show the state${left}: ${unpause} and run inspect again`,
  );
}
