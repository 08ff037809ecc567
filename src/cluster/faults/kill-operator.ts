import type { Fault } from './fault.js';

/**
 * The operator's process ends between two actions of a pass, and another one takes over: its pod is evicted, or loses its
 * lease. What Kubernetes has begun goes on. In Kubernetes its pod is deleted.
 */
export const killOperator = {
  name: 'kill-operator',
  title: "the operator's process ends between two actions of a pass, and another one takes over",
  target: 'operator',
  environments: ['local', 'containers', 'kubernetes'],
  inject: (control) => control.killOperator(),
} as const satisfies Fault;
