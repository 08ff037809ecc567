import type { Java } from '../distribution/java.js';
import type { Progress } from '../distribution/progress.js';
import type { Timings } from '../environments/replayed/overlay.js';
import type { OperatorProfiles } from '../operator/profile.js';

/** JVM processes on this machine, with the replayed operator. */
export interface LocalChoice {
  readonly kind: 'local';
  readonly timings: Timings;
  /** The Java to run nodes with, if it has been looked up already. */
  readonly java?: Java | undefined;
}

/** Docker containers on this machine, with the replayed operator. */
export interface ContainersChoice {
  readonly kind: 'containers';
  readonly timings: Timings;
  /** `{operator}` and `{kafka}` are replaced by the versions. Default: Strimzi's image. */
  readonly image?: string | undefined;
  /** Whether to keep the nodes' volumes afterwards. */
  readonly keep: boolean;
}

/** The user's own Kubernetes cluster. */
export interface UserClusterChoice {
  /** The name of a context of the kubeconfig: the current context is never used implicitly. */
  readonly context: string;
  /** Default: the files of `KUBECONFIG`, otherwise the user's own kubeconfig. */
  readonly kubeconfig?: string | undefined;
}

/** A cluster that the `kind` CLI creates for this command. */
export interface KindChoice {
  /** Default: fixtures/kind/cluster.yaml. */
  readonly kindConfig?: string | undefined;
  readonly kindImage?: string | undefined;
  /** Local Docker images to load onto its nodes. */
  readonly loadImages: readonly string[];
  /** Whether to keep the cluster afterwards. */
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
  /** Called with what is being done before the first run, if that takes time. */
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
}
