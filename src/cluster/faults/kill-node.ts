import type { Fault } from './fault.js';

/**
 * As after `kill -9`, or when the kernel kills a process for want of memory. In Kubernetes its pod is deleted without
 * a grace period.
 */
export const killNode = {
  name: 'kill-node',
  title: 'a node is killed without a shutdown, and Kubernetes restarts it',
  environments: ['local', 'containers', 'kubernetes'],
  inject: (nodes, pod) => nodes.kill(pod),
} as const satisfies Fault;
