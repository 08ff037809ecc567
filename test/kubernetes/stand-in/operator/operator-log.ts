import { messageOf } from '../../../../src/errors.js';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/**
 * The operator's log in the format of Strimzi's (0.45 `log4j2.properties`: `%d{yyyy-MM-dd HH:mm:ss} %-5p %c{1}:%L -
 * %m%n`). There is no Java source line, so `%L` is 0.
 */
export function log(level: Level, logger: string, text: string): void {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
  process.stdout.write(`${time} ${level.padEnd(5)} ${logger}:0 - ${text}\n`);
}

/**
 * The log of one reconciliation: every line begins with its marker, `Reconciliation #1(watch)
 * Kafka(myproject/my-cluster): `.
 */
export type PassLog = (level: Level, logger: string, text: string, cause?: unknown) => void;

export function passLog(pass: number, trigger: string, namespace: string, name: string): PassLog {
  const marker = `Reconciliation #${pass}(${trigger}) Kafka(${namespace}/${name}): `;
  return (level, logger, text, cause) => {
    log(level, logger, `${marker}${text}${cause === undefined ? '' : `\n${messageOf(cause)}`}`);
  };
}
