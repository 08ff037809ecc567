/**
 * In a ZooKeeper pod: Kafka's folder in Strimzi's images (0.45.1 `docker-images/kafka-based/kafka/Dockerfile`), and the
 * port on its loopback address. Not `localhost`: that is also ::1, where ZooKeeper does not listen, and its client picks
 * one at random (measured: a third of the calls failed with ConnectionLoss).
 */
export const ZOOKEEPER_SHELL = '/opt/kafka/bin/zookeeper-shell.sh 127.0.0.1:12181';

/** A word that no POSIX shell splits or expands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Quotes a text so that a POSIX shell reads it as one word. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as one word of a POSIX shell: in quotes if it needs them. */
export function word(text: string): string {
  return PLAIN_WORD.test(text) ? text : quoted(text);
}
