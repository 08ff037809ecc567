/**
 * Reads the key `server.config` of a node's ConfigMap as Strimzi writes it: one `key=value` per line, comments with
 * `#`. Strimzi escapes nothing and has no continuation lines (0.45.1 `KafkaBrokerConfigurationBuilder.java`).
 */
export function parseServerConfig(text: string): Readonly<Record<string, string>> {
  const configuration: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, key, value] = /^([^#\s=][^=\s]*)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) configuration[key] = value;
  }
  return configuration;
}
