/** The storage of a controller pool. */
export type ControllerPoolOptions =
  /** Persistent claims. `deleteClaim`: whether they are deleted with the pool. */
  | { readonly deleteClaim: boolean; readonly storage?: undefined }
  /** An `emptyDir` for each controller: its content ends with the pod. */
  | { readonly storage: 'ephemeral' };

/** Whether the data of the controllers ends with their pool. */
export function deletesData(pool: ControllerPoolOptions): boolean {
  return pool.storage === 'ephemeral' || pool.deleteClaim;
}
