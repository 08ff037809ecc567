import { LISTENER_NAMES } from '../../strimzi/nodes.js';
import { type OverlayRule, relisten } from '../replayed/overlay.js';

/**
 * What makes Strimzi's configurations run in a network of containers that has the names of its services: the plain listener is
 * for clients on this machine and must be advertised where they reach it. All else stays, paths and ports too.
 * @param clientAddress `host:port` of a broker for clients on this machine.
 */
export function containerOverlay(clientAddress: (pod: string) => string): readonly OverlayRule[] {
  return [
    {
      key: 'advertised.listeners',
      value: (value, pod) =>
        relisten(value, (listener) => (listener === LISTENER_NAMES.plain ? clientAddress(pod) : undefined)),
      reason: 'clients are outside the network, and reach a broker at the port that its container publishes',
    },
  ];
}
