import './no-credentials.js';

/**
 * The parts of testcontainers that are used here. Import them from here: then testcontainers does not read the user's
 * credentials.
 */
export {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  type WaitStrategy,
} from 'testcontainers';
