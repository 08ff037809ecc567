import { createJiti } from 'jiti';

/** Jest runs it once before the tests of the project `containers`; jest's own loader takes no TypeScript here. */
export default async function setUp() {
  const { provideImages } = await createJiti(import.meta.url).import('./support/provided-images.ts');
  await provideImages(process.env);
}
