import { type DockerLookup, lookUpDocker } from '../distribution/docker.js';
import { type Java, type JavaLookup, lookUpJava } from '../distribution/java.js';
import { UsageError } from '../errors.js';

/** Where nodes run if `--env` is omitted. */
export type DefaultEnvironment =
  | { readonly kind: 'local'; readonly java: Java }
  /** `because`: a sentence that says why this machine's Java is not used. */
  | { readonly kind: 'containers'; readonly because: string };

/**
 * Processes on this machine if it has a suitable Java, which is fastest; otherwise containers, if there is Docker.
 * @throws UsageError that says what to install, if there is neither.
 */
export async function defaultEnvironment(env: NodeJS.ProcessEnv): Promise<DefaultEnvironment> {
  return choose(await lookUpJava({ env }), () => lookUpDocker(env));
}

/** @param docker is called only if there is no suitable Java. */
export async function choose(java: JavaLookup, docker: () => Promise<DockerLookup>): Promise<DefaultEnvironment> {
  if ('java' in java) return { kind: 'local', java: java.java };
  const found = await docker();
  if ('docker' in found) return { kind: 'containers', because: java.problem };
  throw new UsageError(
    `Nodes need Java, or Docker (--env containers). ${java.problem} ${java.remedy} ${found.problem} ${found.remedy}`,
  );
}
