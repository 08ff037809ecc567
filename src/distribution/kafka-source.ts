import type { KafkaRelease } from './kafka-versions.js';
import type { Progress } from './progress.js';

export interface FetchContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A way to get the jars of a Kafka release into the cache. */
export interface KafkaSource {
  readonly origin: 'maven' | 'tarball';
  /** What tells this way's result from another's: two results of one id are the same jars. */
  readonly id: string;
  /**
   * Puts the jars into `libs`, an empty folder; `scratch` is a folder beside it that is deleted afterwards.
   * @throws SourceFailed if it can't; anything else is a defect or an aborted signal.
   */
  fetch(release: KafkaRelease, libs: string, scratch: string, context: FetchContext): Promise<void>;
}

/** This way did not work; another one may. The message names the way, and what failed. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}
