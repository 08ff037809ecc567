/** A record of a node's log: a line with a level, and the lines without one that follow it. */
interface LogRecord {
  /** Milliseconds since 1970, read as UTC; NaN for what is printed without a level. */
  readonly time: number;
  /** Empty for what is printed without one. */
  readonly level: string;
  readonly message: string;
  readonly following: readonly string[];
}

/** log4j's patterns of Strimzi (`%d{ISO8601} %p %m (%c) [%t]%n`), of Kafka's and of ZooKeeper's own images. */
const RECORD =
  /^\[?(\d{4}-\d\d-\d\d)[T ]([\d:]+)[\d.,]*\]?\s+(?:\[myid:\d*\]\s+-\s+)?(FATAL|ERROR|WARN|INFO|DEBUG|TRACE)\s+(.*)$/;
/** What the JVM, the launcher and the start script print without a level. */
const WITHOUT_LEVEL =
  /^(Error: |Error occurred during initialization of VM|Exception in thread |Terminating due to java\.lang\.OutOfMemoryError|# There is insufficient memory|kafka-storage format failed)/;
const THROWABLE = /^(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?::|$)/;
const CAUSED_BY = 'Caused by: ';
const ERRORS: ReadonlySet<string> = new Set(['ERROR', 'FATAL', '']);
/** ZooKeeper logs every operation that fails, such as reading a znode that does not exist, and its own failed start. */
const AUDIT = 'org.apache.zookeeper.audit.';
/** Of the last lines of a node that ends by itself, these say why. */
const FATAL = /\b(fatal|exiting|halting)\b/i;

/**
 * The end of a log that says why the node ended, in one line: the last FATAL or ERROR record, and the last `Caused by:`
 * of its stack trace, or the exception itself if nothing caused it; if it has no exception, the error that led to it. A record that announces the end
 * (`Exiting Kafka due to fatal exception`) says more than one of the shutdown that follows, and one with an exception
 * says more than one without (ZooKeeper's `Exiting JVM with code 2`).
 * @param log lines, oldest first.
 * @returns `ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected
 *   version in ...`; undefined if the log has no error.
 */
export function fatalLine(log: readonly string[]): string | undefined {
  const records = errorRecords(log);
  const fatal = records.filter(({ message }) => FATAL.test(message));
  const record =
    fatal.findLast((one) => causeOf(one) !== undefined) ??
    fatal.findLast(({ message }) => !/\bwith code \d+$/.test(message)) ??
    records.at(-1);
  if (record === undefined) return undefined;
  const cause = causeOf(record) ?? precedingCause(records, record);
  const level = record.level === '' ? '' : `${record.level} `;
  return `${level}${record.message}${cause === undefined ? '' : `: ${cause}`}`;
}

/** The lines of a log that belong to its errors: without those of level INFO or WARN, and their stack traces. */
export function errorLines(log: readonly string[]): readonly string[] {
  return errorRecords(log).flatMap(({ message, following }) => [message, ...following]);
}

function errorRecords(log: readonly string[]): readonly LogRecord[] {
  const records: { time: number; level: string; message: string; following: string[] }[] = [];
  for (const line of log) {
    const [, day, clock, level, text] = RECORD.exec(line) ?? [];
    if (level !== undefined && text !== undefined) {
      const isAudit = text.includes(AUDIT);
      const time = Date.parse(`${day}T${clock}Z`);
      records.push({ time, level: isAudit ? 'INFO' : level, message: withoutLogger(text), following: [] });
    } else if (WITHOUT_LEVEL.test(line)) records.push({ time: Number.NaN, level: '', message: line, following: [] });
    else records.at(-1)?.following.push(line);
  }
  return records.filter(({ level }) => ERRORS.has(level));
}

function causeOf({ following }: LogRecord): string | undefined {
  const cause = following.findLast((line) => line.trimStart().startsWith(CAUSED_BY));
  return cause?.trimStart().slice(CAUSED_BY.length) ?? following.find((line) => THROWABLE.test(line));
}

/** How long before an error without an exception the one that led to it was logged, at most. */
const LED_TO_IT_MS = 5_000;

/** Of "no log dir can be validated": why not. The first of the errors just before it says most. */
function precedingCause(records: readonly LogRecord[], record: LogRecord): string | undefined {
  const first = records
    .slice(0, records.indexOf(record))
    .find((one) => record.time - one.time <= LED_TO_IT_MS && causeOf(one) !== undefined);
  return first === undefined ? undefined : `${first.message}: ${causeOf(first)}`;
}

/** `Fatal error ... Prepare to shutdown (kafka.server.KafkaServer) [main]` without its logger, thread and full stop. */
function withoutLogger(message: string): string {
  return message.replace(/ \([\w.$]+\)(?: \[[^\]]*\])?$/, '').replace(/\.$/, '');
}
