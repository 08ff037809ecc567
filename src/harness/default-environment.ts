import { type DockerLookup, lookUpDocker } from '../distribution/docker.js';
import { type Java, type JavaLookup, lookUpJava } from '../distribution/java.js';
import { UsageError } from '../errors.js';

/** Where nodes run without `--env`. */
export type DefaultEnvironment =
  | { readonly kind: 'local'; readonly java: Java }
  /** `because`: why not on this machine's Java, a sentence. */
  | { readonly kind: 'containers'; readonly because: string };

/**
 * Processes of this machine if it has a suitable Java, which is quickest; otherwise containers, if there is Docker.
 * @throws UsageError with what to install, where there is neither.
 */
export async function defaultEnvironment(env: NodeJS.ProcessEnv): Promise<DefaultEnvironment> {
  return choose(await lookUpJava({ env }), () => lookUpDocker(env));
}

/** @param docker is asked only without Java. */
export async function choose(java: JavaLookup, docker: () => Promise<DockerLookup>): Promise<DefaultEnvironment> {
  if ('java' in java) return { kind: 'local', java: java.java };
  const found = await docker();
  if ('docker' in found) return { kind: 'containers', because: java.problem };
  throw new UsageError(
    `Nodes need Java, or Docker (--env containers). ${java.problem} ${java.remedy} ${found.problem} ${found.remedy}`,
  );
}
