/**
 * Makes Strimzi's configuration run outside Kubernetes: plain text and timings, which are the same in every
 * environment, and each runtime's rules for addresses and paths. All other keys stay as Strimzi wrote them. Each rule
 * has its reason; the first rule that matches a key is applied.
 */

/** How fast the cluster notices and moves on: `fast` shortens waits, `kafka-defaults` keeps Kafka's own values. */
export type Timings = 'fast' | 'kafka-defaults';

export interface OverlayRule {
  readonly key: string | RegExp;
  /** undefined drops the key. */
  readonly value: (value: string, pod: string) => string | undefined;
  readonly reason: string;
}

const LISTENER = /^([A-Z]+-\d+):\/\/(.*):(\d+)$/;

/**
 * `listeners` or `advertised.listeners` with other addresses.
 * @param address `host:port` for a listener's name, `PLAIN-9092` for example; undefined leaves it as it is.
 * @throws Error for a listener that Strimzi does not write.
 */
export function replaceAddresses(value: string, address: (listener: string) => string | undefined): string {
  return value
    .split(',')
    .map((one) => {
      const name = LISTENER.exec(one)?.[1];
      if (name === undefined) throw new Error(`not a listener as Strimzi writes it: ${one}`);
      const other = address(name);
      return other === undefined ? one : `${name}://${other}`;
    })
    .join(',');
}

const PLAIN_TEXT: readonly OverlayRule[] = [
  {
    key: /^listener\.name\..*\.ssl\./,
    value: () => undefined,
    reason: 'plain text: there is no cluster CA and no certificate here',
  },
  { key: /^ssl\./, value: () => undefined, reason: 'plain text' },
  { key: /^zookeeper\.ssl\./, value: () => undefined, reason: 'plain text to ZooKeeper, as inside its pod on 12181' },
  {
    key: 'zookeeper.clientCnxnSocket',
    value: () => undefined,
    reason: "only ZooKeeper's TLS needs Netty; the default socket needs no further jars",
  },
  {
    key: /^config\.providers/,
    value: () => undefined,
    reason: 'the providers read certificates and passwords of the pod; nothing refers to them in plain text',
  },
  { key: 'sasl.enabled.mechanisms', value: () => undefined, reason: 'empty: nothing authenticates in plain text' },
  {
    key: 'listener.security.protocol.map',
    value: (value) => value.replaceAll(':SSL', ':PLAINTEXT'),
    reason: 'plain text',
  },
];

/** Keys that are added with any timings, with their reason. */
export const SIZES: Readonly<Record<string, { readonly value: string; readonly reason: string }>> = {
  'offsets.topic.num.partitions': {
    value: '1',
    reason: 'the fifty partitions of an unused internal topic cost a second',
  },
  'log.cleaner.dedupe.buffer.size': { value: '2097152', reason: 'the default of 128 MiB does not fit in a small heap' },
  'num.recovery.threads.per.data.dir': { value: '1', reason: 'two cores' },
  'num.network.threads': { value: '2', reason: 'two cores' },
  'num.io.threads': { value: '4', reason: 'two cores' },
};

/**
 * Keys that `fast` adds, with their reason. `kafka-defaults` adds none of them, and the verdicts are the same (a test).
 */
export const FAST_TIMINGS: Readonly<Record<string, { readonly value: string; readonly reason: string }>> = {
  'broker.session.timeout.ms': {
    value: '2000',
    reason:
      'a broker that restarts in dual-write waits until the controller has fenced its predecessor: 9 s by default',
  },
  'broker.heartbeat.interval.ms': {
    value: '200',
    reason: 'must be well below the session timeout; unfences a broker sooner',
  },
  'zookeeper.session.timeout.ms': {
    value: '6000',
    reason: 'after a SIGKILL the ephemeral znode of a broker lives as long as its session: 18 s by default',
  },
  'metadata.max.idle.interval.ms': {
    value: '20',
    reason:
      "no-op records move the metadata offset (two a second by default); with a leftover /migration the second quorum's offset must pass the first's before it wipes",
  },
  'controller.quorum.election.timeout.ms': {
    value: '500',
    reason: 'elections between processes on one machine are quick',
  },
  'controller.quorum.election.backoff.max.ms': { value: '250', reason: 'as above: a split vote is repeated soon' },
  'controller.quorum.fetch.timeout.ms': { value: '1000', reason: 'as above: two seconds by default' },
  'controlled.shutdown.retry.backoff.ms': { value: '200', reason: 'five seconds between two attempts by default' },
  'group.initial.rebalance.delay.ms': { value: '0', reason: 'no consumer group has to wait for further members' },
};

/**
 * Strimzi's `server.config` made to run outside Kubernetes.
 * @param serverConfig as the operator renders it, key by key.
 * @param placement the rules of the nodes' runtime.
 */
export function applyOverlay(
  pod: string,
  serverConfig: Readonly<Record<string, string>>,
  placement: readonly OverlayRule[],
  timings: Timings,
): Record<string, string> {
  const rules = [...PLAIN_TEXT, ...placement];
  const properties: Record<string, string> = {};
  for (const [key, value] of Object.entries(serverConfig)) {
    const rule = rules.find((candidate) =>
      typeof candidate.key === 'string' ? candidate.key === key : candidate.key.test(key),
    );
    const overlaid = rule === undefined ? value : rule.value(value, pod);
    if (overlaid !== undefined) properties[key] = overlaid;
  }
  for (const [key, { value }] of Object.entries(SIZES)) properties[key] = value;
  if (timings === 'fast') for (const [key, { value }] of Object.entries(FAST_TIMINGS)) properties[key] = value;
  return properties;
}

/** The rules with their reasons, for the documentation and its test. */
export function overlayReasons(
  placement: readonly OverlayRule[],
): readonly { readonly key: string; readonly reason: string }[] {
  return [
    ...[...PLAIN_TEXT, ...placement].map(({ key, reason }) => ({ key: String(key), reason })),
    ...Object.entries({ ...SIZES, ...FAST_TIMINGS }).map(([key, { reason }]) => ({ key, reason })),
  ];
}
