/**
 * Imported by testcontainers.ts before testcontainers, which reads ~/.docker/config.json, or this
 * variable, when it is loaded, and fails with an unhandled rejection if it cannot (testcontainers 11.14,
 * `get-auth-config.js`). Images are pulled without credentials here.
 */
process.env.DOCKER_AUTH_CONFIG = '{}';
