import { createJiti } from 'jiti';

/** Jest runs this once before the tests of the project `containers`. Jest cannot load TypeScript here. */
export default async function setUp() {
  const { provideImages } = await createJiti(import.meta.url).import('./support/provided-images.ts');
  await provideImages(process.env);
}
