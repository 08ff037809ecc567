/*
 * The last lines of nodes that ended by themselves. Measured with Kafka 3.9.0 and ZooKeeper 3.8.4, the paths replaced by
 * Strimzi's, unless something else is said.
 */

const text = (lines: string): readonly string[] => lines.trim().split('\n');

/** Recording 0.45.2-broker-volume-lost, broker-2-last-lines.txt. */
export const META_PROPERTIES_VERSION_1 = text(`
2026-11-26 20:48:13,265 INFO Cluster ID = ej1uJoE3RVyHphGJQP4HZg (kafka.server.KafkaServer) [main]
2026-11-26 20:48:13,269 ERROR Fatal error during KafkaServer startup. Prepare to shutdown (kafka.server.KafkaServer) [main]
java.lang.RuntimeException: Found unexpected version in /var/lib/kafka/data-0/kafka-log2/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the \`version\` field is missing).
	at org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:489)
	at kafka.server.KafkaServer.startup(KafkaServer.scala:258)
	at kafka.Kafka$.main(Kafka.scala:112)
	at kafka.Kafka.main(Kafka.scala)
2026-11-26 20:48:13,275 INFO shutting down (kafka.server.KafkaServer) [main]
2026-11-26 20:48:13,286 INFO Session: 0x100006997b40040 closed (org.apache.zookeeper.ZooKeeper) [main]
2026-11-26 20:48:13,291 INFO shut down completed (kafka.server.KafkaServer) [main]
2026-11-26 20:48:13,291 ERROR Exiting Kafka due to fatal exception during startup. (kafka.Kafka$) [main]
java.lang.RuntimeException: Found unexpected version in /var/lib/kafka/data-0/kafka-log2/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the \`version\` field is missing).
	at org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:489)
	at kafka.server.KafkaServer.startup(KafkaServer.scala:258)
	at kafka.Kafka$.main(Kafka.scala:112)
	at kafka.Kafka.main(Kafka.scala)
2026-11-26 20:48:13,292 INFO shutting down (kafka.server.KafkaServer) [kafka-shutdown-hook]
2026-11-26 20:48:13,296 INFO Stopped ServerConnector@5abca1e0{SSL, (ssl, http/1.1)}{0.0.0.0:8443} (org.eclipse.jetty.server.AbstractConnector) [JettyShutdownThread]
2026-11-26 20:48:13,297 INFO Stopped o.e.j.s.h.ContextHandler@15d0c81b{/v1/broker-state,null,STOPPED} (org.eclipse.jetty.server.handler.ContextHandler) [JettyShutdownThread]
`);

/** `/cluster/id` was deleted: the broker writes a new one, and finds its own in meta.properties. */
export const CLUSTER_ID_OF_ANOTHER = text(`
2026-11-27 03:03:01,740 INFO Cluster ID = VP4k10dXQWuMfiDu0DBG4g (kafka.server.KafkaServer) [main]
2026-11-27 03:03:01,743 ERROR Fatal error during KafkaServer startup. Prepare to shutdown (kafka.server.KafkaServer) [main]
java.lang.RuntimeException: Invalid cluster.id in: /var/lib/kafka/data-0/kafka-log0/meta.properties. Expected VP4k10dXQWuMfiDu0DBG4g, but read ktTJRcT0Q_6oHkgUtB53mQ
	at org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:503)
	at kafka.server.KafkaServer.startup(KafkaServer.scala:258)
	at kafka.Kafka$.main(Kafka.scala:112)
	at kafka.Kafka.main(Kafka.scala)
2026-11-27 03:03:01,775 INFO shutting down (kafka.server.KafkaServer) [main]
2026-11-27 03:03:01,943 ERROR Exiting Kafka due to fatal exception during startup. (kafka.Kafka$) [main]
java.lang.RuntimeException: Invalid cluster.id in: /var/lib/kafka/data-0/kafka-log0/meta.properties. Expected VP4k10dXQWuMfiDu0DBG4g, but read ktTJRcT0Q_6oHkgUtB53mQ
	at org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify(MetaPropertiesEnsemble.java:503)
	at kafka.server.KafkaServer.startup(KafkaServer.scala:258)
	at kafka.Kafka$.main(Kafka.scala:112)
	at kafka.Kafka.main(Kafka.scala)
2026-11-27 03:03:01,945 INFO shutting down (kafka.server.KafkaServer) [kafka-shutdown-hook]
`);

/** meta.properties of version 1 with `broker.id` instead of `node.id`. */
export const LOG_FOLDER_UNUSABLE = text(`
2026-11-27 03:29:12,674 ERROR Error while reading meta.properties file /var/lib/kafka/data-0/kafka-log0/meta.properties (org.apache.kafka.metadata.properties.MetaPropertiesEnsemble) [main]
java.lang.RuntimeException: Failed to find node.id
	at org.apache.kafka.metadata.properties.PropertiesUtils.loadRequiredIntProp(PropertiesUtils.java:97)
	at kafka.server.KafkaServer.startup(KafkaServer.scala:245)
2026-11-27 03:29:13,121 ERROR Failed to create or validate data directory /var/lib/kafka/data-0/kafka-log0 (org.apache.kafka.storage.internals.log.LogDirFailureChannel) [main]
java.io.IOException: Failed to load /var/lib/kafka/data-0/kafka-log0 during broker startup
	at kafka.log.LogManager.$anonfun$createAndValidateLogDirs$1(LogManager.scala:180)
2026-11-27 03:29:13,124 ERROR Shutdown broker because none of the specified log dirs from /var/lib/kafka/data-0/kafka-log0 can be created or validated (kafka.log.LogManager) [main]
`);

export const MYID_MISSING = text(`
2026-11-27 03:02:51,847 ERROR Invalid config, exiting abnormally (org.apache.zookeeper.server.quorum.QuorumPeerMain) [main]
org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /tmp/zookeeper.properties
	at org.apache.zookeeper.server.quorum.QuorumPeerConfig.parse(QuorumPeerConfig.java:198)
	at org.apache.zookeeper.server.quorum.QuorumPeerMain.initializeAndRun(QuorumPeerMain.java:125)
	at org.apache.zookeeper.server.quorum.QuorumPeerMain.main(QuorumPeerMain.java:91)
Caused by: java.lang.IllegalArgumentException: myid file is missing
	at org.apache.zookeeper.server.quorum.QuorumPeerConfig.checkValidity(QuorumPeerConfig.java:792)
	at org.apache.zookeeper.server.quorum.QuorumPeerConfig.setupQuorumPeerConfig(QuorumPeerConfig.java:663)
	... 2 more
Invalid config, exiting abnormally
2026-11-27 03:02:51,914 INFO ZooKeeper audit is enabled. (org.apache.zookeeper.audit.ZKAuditProvider) [main]
2026-11-27 03:02:51,959 ERROR user=root	operation=serverStart	result=failure (org.apache.zookeeper.audit.Slf4jAuditLogger) [main]
2026-11-27 03:02:51,971 ERROR Exiting JVM with code 2 (org.apache.zookeeper.util.ServiceUtils) [main]
`);

/** As the source of Kafka 3.9.0 logs it: KafkaRaftClient.java handleFetchResponse, KafkaRaftClientDriver.java. */
export const TRUNCATION = text(`
2026-11-26 21:00:00,000 INFO [RaftManager id=1] Completed transition to FollowerState(fetchTimeoutMs=2000, epoch=7, leader=2) (org.apache.kafka.raft.QuorumState) [kafka-1-raft-io-thread]
2026-11-26 21:00:00,100 ERROR Encountered fatal fault: Unexpected error in raft IO thread (org.apache.kafka.server.fault.ProcessTerminatingFaultHandler) [kafka-1-raft-io-thread]
org.apache.kafka.common.KafkaException: The leader requested truncation to offset 212, which is below the current high watermark LogOffsetMetadata(offset=403, metadata=Optional[(segmentBaseOffset=0,relativePositionInSegment=31410)])
	at org.apache.kafka.raft.KafkaRaftClient.lambda$handleFetchResponse$28(KafkaRaftClient.java:1684)
	at java.base/java.util.Optional.ifPresent(Optional.java:178)
	at org.apache.kafka.raft.KafkaRaftClientDriver.doWork(KafkaRaftClientDriver.java:64)
`);

export const NO_MEMORY = text(`
OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x00007e70b1400000, 322122547200, 0) failed; error='Not enough space' (errno=12)
#
# There is insufficient memory for the Java Runtime Environment to continue.
# Native memory allocation (mmap) failed to map 322122547200 bytes. Error detail: committing reserved memory.
`);

export const UNKNOWN_OPTION = text(`
Unrecognized VM option 'Nonsense'
Error: Could not create the Java Virtual Machine.
Error: A fatal exception has occurred. Program will exit.
`);
