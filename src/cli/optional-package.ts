/** Packages that need not be installed: what they are for is refused in one line without them. */
import { UsageError } from "./errors.ts";

/** What `load` imports. @throws UsageError that names `packages` when they are not installed */
export async function optionalPackage<T>(
  option: string,
  packages: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(`${option} needs what is not installed: npm install ${packages}`);
  }
}
