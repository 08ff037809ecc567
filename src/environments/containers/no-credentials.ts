/**
 * Imported by testcontainers.ts before testcontainers, which reads ~/.docker/config.json, or this variable, when it is loaded, and leaves it to
 * nobody to notice that it can't (testcontainers 11.14, `get-auth-config.js`). Images are pulled without credentials here.
 */
process.env.DOCKER_AUTH_CONFIG = '{}';
