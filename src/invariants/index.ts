import { controllerElects } from './controller-elects.js';
import { controllerZnodeReleased } from './controller-znode-released.js';
import { controllersStartEmpty } from './controllers-start-empty.js';
import { deletedTopicsStayDeleted } from './deleted-topics-stay-deleted.js';
import type { Invariant } from './invariant.js';
import { kraftMetadataSurvives } from './kraft-metadata-survives.js';
import { migrationCompletes } from './migration-completes.js';
import { migrationFinishes } from './migration-finishes.js';
import { migrationZnodeAbsent } from './migration-znode-absent.js';
import { nodesBecomeReady } from './nodes-become-ready.js';
import { nodesRunTheirState } from './nodes-run-their-state.js';
import { nodesStayUp } from './nodes-stay-up.js';
import { partitionsHaveLeaders } from './partitions-have-leaders.js';
import { recordsSurvive } from './records-survive.js';
import { topicIdsStable } from './topic-ids-stable.js';
import { znodesDeletedAfterControllersGone } from './znodes-deleted-after-controllers-gone.js';
import { zooKeeperMetadataSurvives } from './zookeeper-metadata-survives.js';

export type { Invariant, Observation, Violation } from './invariant.js';
export { type StuckQuorum, stuckQuorum } from './reading/stuck-quorum.js';

/** All invariants by which a run is judged, in the order in which violations are reported: loss, outage, residue, conduct. */
export const INVARIANTS: readonly Invariant[] = [
  zooKeeperMetadataSurvives,
  kraftMetadataSurvives,
  topicIdsStable,
  deletedTopicsStayDeleted,
  recordsSurvive,
  migrationCompletes,
  migrationFinishes,
  nodesStayUp,
  nodesBecomeReady,
  partitionsHaveLeaders,
  controllerElects,
  migrationZnodeAbsent,
  controllerZnodeReleased,
  znodesDeletedAfterControllersGone,
  nodesRunTheirState,
  controllersStartEmpty,
];
