import { LISTENER_NAMES } from '../../strimzi/nodes.js';
import { type OverlayRule, replaceAddresses } from '../replayed/overlay.js';

/**
 * Makes Strimzi's configurations run in a network of containers with the names of its services. The plain listener is
 * for clients on this machine and must be advertised with the address where they reach it. Everything else stays as it
 * is, including paths and ports.
 * @param clientAddress `host:port` of a broker for clients on this machine.
 */
export function containerOverlay(clientAddress: (pod: string) => string): readonly OverlayRule[] {
  return [
    {
      key: 'advertised.listeners',
      value: (value, pod) =>
        replaceAddresses(value, (listener) => (listener === LISTENER_NAMES.plain ? clientAddress(pod) : undefined)),
      reason: 'clients are outside the network, and reach a broker at the port that its container publishes',
    },
  ];
}
