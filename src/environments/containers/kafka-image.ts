import { jarVersions } from '../../distribution/jars.js';
import { JAVA_VERSIONS } from '../../distribution/java.js';
import { UsageError } from '../../errors.js';

/** An image that nodes can run in. */
export interface KafkaImage {
  readonly name: string;
  /** `/opt/kafka`: jars are in `libs/`. */
  readonly home: string;
  /** The path of `java`. */
  readonly java: string;
  /** The paths of class-data archives in the image. */
  readonly archives: readonly string[];
}

/**
 * A shell script that prints what an image contains, one `key=value` per line. Strimzi's image and Apache's have Kafka
 * in /opt/kafka (Strimzi's also sets KAFKA_HOME), Bitnami's in /opt/bitnami/kafka; `java` is on PATH, in Strimzi's also
 * in JAVA_HOME.
 */
export const PROBE = `
for home in "$KAFKA_HOME" /opt/kafka /opt/bitnami/kafka; do
  if [ -n "$home" ] && [ -d "$home/libs" ]; then
    echo "home=$home"
    for jar in "$home"/libs/*.jar; do echo "jar=\${jar##*/}"; done
    for archive in "$home"/*.jsa; do if [ -f "$archive" ]; then echo "archive=$archive"; fi; done
    break
  fi
done
java=$(command -v java)
if [ -n "$JAVA_HOME" ] && [ -x "$JAVA_HOME/bin/java" ]; then java=$JAVA_HOME/bin/java; fi
if [ -n "$java" ]; then
  echo "java=$java"
  "$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = /major=/p'
fi
`;

/**
 * Checks that nodes of this Kafka version can run in an image.
 * @param output what `PROBE` printed in it.
 * @throws UsageError that says what is missing.
 */
export function checkImage(name: string, output: readonly string[], kafkaVersion: string): KafkaImage {
  const all = (key: string) =>
    output.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1).trim());
  const refuse = (what: string): never => {
    throw new UsageError(
      `The image ${name} ${what} Use --image to choose an image with Kafka ${kafkaVersion}, ZooKeeper and Java ` +
        `${JAVA_VERSIONS.minimum} to ${JAVA_VERSIONS.maximum}, for example Strimzi's.`,
    );
  };
  const [home] = all('home');
  const { kafka, zookeeper, log4j1 } = jarVersions(all('jar'));
  if (home === undefined || kafka === undefined)
    return refuse('does not contain Kafka: neither KAFKA_HOME nor /opt/kafka has a libs/kafka_2.13-*.jar.');
  if (zookeeper === undefined)
    return refuse(`holds Kafka ${kafka} without ZooKeeper: there is nothing to migrate from.`);
  if (kafka !== kafkaVersion) return refuse(`holds Kafka ${kafka}, but this run needs Kafka ${kafkaVersion}.`);
  if (!log4j1) return refuse('lacks the logging library slf4j-reload4j.');
  const [java] = all('java');
  if (java === undefined) return refuse('does not contain Java: there is no java in JAVA_HOME or on PATH.');
  const [major = ''] = all('major');
  if (!(Number(major) >= JAVA_VERSIONS.minimum && Number(major) <= JAVA_VERSIONS.maximum))
    return refuse(major === '' ? 'has a java that does not run.' : `has Java ${major}.`);
  return { name, home, java, archives: all('archive') };
}
