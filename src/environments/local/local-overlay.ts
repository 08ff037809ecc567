import { KAFKA_VOLUME, LISTENER_NAMES } from '../../strimzi/nodes.js';
import { type OverlayRule, replaceAddresses } from '../replayed/overlay.js';

export interface LocalAddresses {
  /** `host:port` of a listener of a pod, `CONTROLPLANE-9090` for example. */
  listener(pod: string, listener: string): string;
  /** `zookeeper.connect`. */
  readonly zookeeperConnect: string;
  /** Absolute folder that stands for `/var/lib/kafka/data-0` of this pod. */
  volume(pod: string): string;
}

function localVoters(value: string, addresses: LocalAddresses): string {
  return value
    .split(',')
    .map((voter) => {
      const [, id, pod] = /^(\d+)@([^.]+)\..*:9090$/.exec(voter) ?? [];
      if (id === undefined || pod === undefined) throw new Error(`not a voter as Strimzi writes it: ${voter}`);
      return `${id}@${addresses.listener(pod, LISTENER_NAMES.controlPlane)}`;
    })
    .join(',');
}

/** Makes the configurations of several nodes run on one machine: addresses and paths. */
export function localOverlay(addresses: LocalAddresses): readonly OverlayRule[] {
  const own = (value: string, pod: string): string =>
    replaceAddresses(value, (listener) => addresses.listener(pod, listener));
  return [
    { key: 'listeners', value: own, reason: 'all nodes share one host here, so each has its own ports' },
    { key: 'advertised.listeners', value: own, reason: 'no service names on one machine' },
    {
      key: 'controller.quorum.voters',
      value: (value) => localVoters(value, addresses),
      reason: 'no service names on one machine',
    },
    { key: 'zookeeper.connect', value: () => addresses.zookeeperConnect, reason: 'no service names' },
    {
      key: /^(log\.dirs|metadata\.log\.dir)$/,
      // A function, because `$` in a replacement string is a pattern.
      value: (value, pod) => value.replace(KAFKA_VOLUME, () => addresses.volume(pod)),
      reason: "the pod's volume is a folder of the run",
    },
  ];
}
