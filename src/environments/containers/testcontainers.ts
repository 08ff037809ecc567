import './no-credentials.js';

/** What of testcontainers is used here. Whoever imports it by this module gets it without the user's credentials. */
export {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  type WaitStrategy,
} from 'testcontainers';
