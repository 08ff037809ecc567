import type { Java } from '../distribution/java.js';
import type { Progress } from '../distribution/progress.js';
import type { Timings } from '../environments/replayed/overlay.js';
import type { OperatorProfiles } from '../operator/profile.js';

/** JVM processes of this machine under the replayed operator. */
export interface LocalChoice {
  readonly kind: 'local';
  readonly timings: Timings;
  /** The Java to run nodes with, if it was looked for already. */
  readonly java?: Java | undefined;
}

/** Containers of this machine's Docker under the replayed operator. */
export interface ContainersChoice {
  readonly kind: 'containers';
  readonly timings: Timings;
  /** `{operator}` and `{kafka}` stand for the versions. Default: Strimzi's. */
  readonly image?: string | undefined;
  /** The nodes' volumes outlive the call. */
  readonly keep: boolean;
}

/** A Kubernetes cluster of the user's. */
export interface UserClusterChoice {
  /** The name of a context of the kubeconfig: never an implicit current one. */
  readonly context: string;
  /** Default: `KUBECONFIG`, else the user's own. */
  readonly kubeconfig?: string | undefined;
}

/** A cluster that the `kind` CLI makes for this call. */
export interface KindChoice {
  /** Default: fixtures/kind/cluster.yaml. */
  readonly kindConfig?: string | undefined;
  readonly kindImage?: string | undefined;
  /** Images of the local Docker that its nodes get. */
  readonly loadImages: readonly string[];
  /** It outlives the call. */
  readonly keep: boolean;
}

/** A real operator in Kubernetes. */
export interface KubernetesChoice {
  readonly kind: 'kubernetes';
  readonly cluster: UserClusterChoice | KindChoice;
  readonly operatorManifests: string;
  /** Images of the user's own build, by operator version. */
  readonly operatorImages: ReadonlyMap<string, string>;
  readonly imageRegistry?: string | undefined;
  readonly useInstalledDefinitions: boolean;
  /** Use an operator that is installed and watches all namespaces; no manifests are read then. */
  readonly useInstalledOperator: boolean;
}

export type EnvironmentChoice = LocalChoice | ContainersChoice | KubernetesChoice;

export interface OpenOptions {
  /** `JAVA_HOME`, `PATH`, `KAFKA_HOME`, `REMIGRATE_CACHE` and others are looked up here. */
  readonly env: NodeJS.ProcessEnv;
  readonly kafkaVersion: string;
  readonly operatorVersions: readonly string[];
  readonly profiles: OperatorProfiles;
  /** Called with what is being done before the first run, where that takes time. */
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
}
